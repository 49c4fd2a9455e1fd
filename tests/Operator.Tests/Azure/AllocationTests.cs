using System.Text;
using System.Text.Json;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Http;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class AllocationTests
{
    [Fact]
    public async Task Reading_and_writing_a_full_nic_allocates_less_than_64_KiB()
    {
        var body = NicText.Realistic(256);
        var names = NicText.Names;
        var bytes = await MeasureAsync(new NetworkInterfaceClient(new PooledArm(body, body), names), ResourceId.Parse(NicText.Id), names);
        TestContext.Current.SendDiagnosticMessage($"{body.Length} bytes of NIC: {bytes} bytes allocated per GET, splice and PUT");
        Assert.InRange(bytes, 1, 64 * 1024);
    }

    [Fact]
    public async Task Reading_and_writing_a_full_interface_of_a_uniform_scale_set_allocates_less_than_192_KiB()
    {
        const string vm = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/set/virtualMachines/3";
        var names = NicText.Names;
        var view = Encoding.UTF8.GetString(NicText.Realistic(256)).Replace(NicText.Id, $"{vm}/networkInterfaces/nic1", StringComparison.Ordinal);
        using var document = JsonDocument.Parse(view);
        var configurations = document.RootElement.GetProperty("properties").GetProperty("ipConfigurations").GetRawText();
        var model = $"{{\"id\":\"{vm}\",\"etag\":\"\\\"1\\\"\",\"properties\":{{\"vmId\":\"v\",\"networkProfileConfiguration\":{{\"networkInterfaceConfigurations\":[{{\"name\":\"nic1\",\"properties\":{{\"ipConfigurations\":{configurations}}}}}]}}}}}}";
        var arm = new PooledArm(Encoding.UTF8.GetBytes(model), Encoding.UTF8.GetBytes(view));
        var bytes = await MeasureAsync(new NetworkInterfaceClient(arm, names), ResourceId.Parse($"{vm}/networkInterfaces/nic1"), names);
        TestContext.Current.SendDiagnosticMessage($"{model.Length} bytes of model and {view.Length} of its interface: {bytes} bytes allocated per GET, splice and PUT");
        // Two documents, joined by name.
        Assert.InRange(bytes, 1, 192 * 1024);
    }

    private static async Task<long> MeasureAsync(NetworkInterfaceClient client, ResourceId nic, OwnedNames names)
    {
        NicAddition[] add = [new(names.ForSlot(900)), new(names.ForSlot(901))];
        string[] remove = [names.ForSlot(3), names.ForSlot(4)];
        long bytes = 0;
        for (var round = 0; round < 20; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using (var view = (await client.GetAsync(nic, TestContext.Current.CancellationToken)).Value!)
            {
                using var next = NicSplice.Apply(view, names, add, remove);
                await client.PutAsync(nic, next.Utf8, view.ETag, TestContext.Current.CancellationToken);
            }

            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return bytes;
    }

    /// <summary>Answers from pooled buffers, as the https client does.</summary>
    private sealed class PooledArm(byte[] resource, byte[] view) : IArm
    {
        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            var body = request.PathAndQuery.Contains("/networkInterfaces/", StringComparison.Ordinal) ? view : resource;
            var pooled = new PooledBody(body.Length + 1);
            body.CopyTo(pooled.GetSpan(body.Length));
            pooled.Advance(body.Length);
            return Task.FromResult(new ArmResponse(200, pooled.Written) { Lease = pooled, ETag = "W/\"1\"" });
        }
    }
}
