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
        var client = new NetworkInterfaceClient(new PooledArm(body), names);
        var nic = ResourceId.Parse(NicText.Id);
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

        TestContext.Current.SendDiagnosticMessage($"{body.Length} bytes of NIC: {bytes} bytes allocated per GET, splice and PUT");
        Assert.InRange(bytes, 1, 64 * 1024);
    }

    /// <summary>Answers from pooled buffers, as the https client does.</summary>
    private sealed class PooledArm(byte[] body) : IArm
    {
        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            var pooled = new PooledBody(body.Length + 1);
            body.CopyTo(pooled.GetSpan(body.Length));
            pooled.Advance(body.Length);
            return Task.FromResult(new ArmResponse(200, pooled.Written) { Lease = pooled, ETag = "W/\"1\"" });
        }
    }
}
