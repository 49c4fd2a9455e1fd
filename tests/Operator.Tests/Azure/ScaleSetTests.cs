using System.Text;
using System.Text.Json;
using CsCheck;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.ScaleSets;
using Vnetcni.Operator.Azure.VirtualMachines;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class ScaleSetTests
{
    private const string Vm = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/set/virtualMachines/3";
    private const string NicId = Vm + "/networkInterfaces/nic1";
    private const string Group = "[ {\"id\":\"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/applicationSecurityGroups/a\"} ]";
    private static readonly ResourceId Nic = ResourceId.Parse(NicId);
    private static readonly OwnedNames Names = NicText.Names;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_splice_of_the_model_touches_our_configurations_alone_and_leaves_the_image_out() => (
        from nic in NicText.Any
        from dice in Gen.Bool.Array[nic.Elements.Count]
        from count in Gen.Int[0, 4]
        from storage in Gen.Int[0, 4]
        from behind in Gen.Bool
        from image in Gen.OneOf(JsonText.Value, JsonText.DeepValue)
        from disk in JsonText.Members("imageReference").Array[2]
        from around in Gen.Select(
            JsonText.Members("id", "etag", "properties"),
            JsonText.Members("networkProfileConfiguration", "storageProfile", "provisioningState", "vmId"),
            JsonText.Members("networkInterfaceConfigurations"),
            JsonText.Members("name", "properties"),
            JsonText.Members("ipConfigurations"))
        select (nic, dice, count, storage, behind, image, disk, around)).Sample(t =>
    {
        // With a comma behind it, alone, with a comma before it, in the middle: only the image and one comma go.
        string[] with =
        [
            "", $"{{\"imageReference\":{t.image}}}", $"{{ \"imageReference\" : {t.image} ,{t.disk[0]} \"osDisk\":{{}}}}",
            $"{{{t.disk[0]}\"osDisk\":[1] ,\n\"image\\u0052eference\":{t.image} }}", $"{{{t.disk[0]}\"imageReference\":{t.image},{t.disk[1]}\"b\":2}}",
        ];
        string[] without =
        [
            "", "{}", $"{{ {t.disk[0]} \"osDisk\":{{}}}}", $"{{{t.disk[0]}\"osDisk\":[1]  }}", $"{{{t.disk[0]}{t.disk[1]}\"b\":2}}",
        ];
        var gone = t.nic.Elements.Where((element, i) => t.dice[i] && Names.IsOurs(element.Name)).Select(element => element.Name).ToHashSet();
        var add = Enumerable.Range(0, t.count).Select(i => new NicAddition(Names.ForSlot(100 + i))).ToList();
        var added = string.Concat(add.Select(a => $",{{\"name\":\"{a.Name}\",\"properties\":{{\"privateIPAddressVersion\":\"IPv4\",\"primary\":false,\"subnet\":{{\"id\":\"{NicText.Subnet}\"}}}}}}"));

        var model = Wrap(t.nic, with[t.storage], t.behind, t.around);
        var expected = Wrap(t.nic, without[t.storage], t.behind, t.around).Text(element => !gone.Contains(element.Name), added);
        using var view = Join(model.Utf8, Actual());
        using var body = NicSplice.Apply(view, Names, add, gone);
        Assert.Equal(expected, Encoding.UTF8.GetString(body.Utf8.Span));
    });

    [Fact]
    public async Task An_interface_is_the_model_with_the_addresses_of_the_interface()
    {
        var arm = Answers(Model("\"ipconfig1\" P", "\"vnetcni-01234567-0\"", "\"vnetcni-01234567-1\""), Actual("vnetcni-01234567-0=10.0.0.5", "vnetcni-01234567-9=10.0.0.9"));
        using var nic = (await new NetworkInterfaceClient(arm, Names).GetAsync(Nic, Stop)).Value!;
        Assert.Equal(("\"7\"@guid", "nic1", "guid", "00:0d:3a:00:00:01", Vm), (nic.ETag, nic.Name, nic.ResourceGuid, nic.MacAddress, nic.VirtualMachineId));
        Assert.Equal("10.0.0.4", nic.Primary.Address);
        Assert.Equal(("10.0.0.5", "Succeeded"), (nic.Find("vnetcni-01234567-0")!.Value.Address, nic.Find("vnetcni-01234567-0")!.Value.State));
        // Asked for and not there yet; and still there though no longer asked for.
        Assert.Null(nic.Find("vnetcni-01234567-1")!.Value.Address);
        Assert.Equal("Deleting", nic.Find("vnetcni-01234567-9")!.Value.State);
        Assert.False(nic.IsSettled);
        Assert.Equal([$"{Vm}?api-version=2025-04-01", $"{NicId}?api-version=2018-10-01"], arm.Requests.Select(r => r.PathAndQuery));

        // Removing it once more writes the model again, unchanged.
        using var body = NicSplice.Apply(nic, Names, [], ["vnetcni-01234567-9"]);
        Assert.Equal(arm.Model, Encoding.UTF8.GetString(body.Utf8.Span));
    }

    [Fact]
    public async Task A_write_goes_to_the_VM_under_its_etag()
    {
        var arm = Answers(Model("\"ipconfig1\" P"), Actual());
        var client = new NetworkInterfaceClient(arm, Names);
        using var nic = (await client.GetAsync(Nic, Stop)).Value!;
        using var body = NicSplice.Apply(nic, Names, [new NicAddition(Names.ForSlot(0))], []);
        var outcome = await client.PutAsync(Nic, body.Utf8, nic.ETag, Stop);
        Assert.True(outcome.IsAccepted);
        Assert.Equal(("PUT", $"{Vm}?api-version=2025-04-01", "\"7\""), (arm.Requests[2].Method, arm.Requests[2].PathAndQuery, arm.Requests[2].IfMatch));
        using var sent = JsonDocument.Parse(body.Utf8);
        var configurations = sent.RootElement.GetProperty("properties").GetProperty("networkProfileConfiguration").GetProperty("networkInterfaceConfigurations")[0].GetProperty("properties").GetProperty("ipConfigurations");
        Assert.Equal(2, configurations.GetArrayLength());
        Assert.Equal(Group, configurations[1].GetProperty("properties").GetProperty("applicationSecurityGroups").GetRawText());
        Assert.Throws<ArgumentException>(() => NicSplice.Apply(nic, Names, [new NicAddition(Names.ForSlot(0), "10.0.0.7")], []));
    }

    [Fact]
    public async Task What_is_missing_is_told()
    {
        var client = new NetworkInterfaceClient(CannedArm.Of(404, "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"m\"}}"), Names);
        Assert.Equal(ArmCause.NotFound, (await client.GetAsync(Nic, Stop)).Error!.Cause);
        var half = new CannedArm(r => r.PathAndQuery.Contains("networkInterfaces", StringComparison.Ordinal)
            ? CannedArm.Answer(404, "{}")
            : CannedArm.Answer(200, Model("\"ipconfig1\" P")));
        Assert.Equal(ArmCause.NotFound, (await new NetworkInterfaceClient(half, Names).GetAsync(Nic, Stop)).Error!.Cause);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"x\",\"etag\":\"1\",\"properties\":{}} {}")]
    [InlineData("{\"id\":\"x\",\"etag\":\"1\",\"properties\":{},\"properties\":{}}")]
    [InlineData("{\"id\":\"x\",\"etag\":\"1\",\"properties\":{\"storageProfile\":{\"imageReference\":1,\"imageReference\":2}}}")]
    [InlineData("{\"id\":\"x\",\"etag\":\"1\",\"properties\":{\"networkProfileConfiguration\":{\"networkInterfaceConfigurations\":[{\"name\":\"other\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\"}]}}]}}}")]
    [InlineData("{\"id\":\"x\",\"properties\":{\"networkProfileConfiguration\":{\"networkInterfaceConfigurations\":[{\"name\":\"nic1\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\"}]}}]}}}")]
    public void A_model_that_could_not_be_written_safely_is_refused(string text) =>
        Assert.Throws<ArmAnswerException>(() => ScaleSetVmReader.Read(Encoding.UTF8.GetBytes(text), Names, "nic1", null));

    [Fact]
    public void The_primary_interface_is_flagged_in_the_model_by_its_name()
    {
        var text = $"{{\"id\":\"{Vm}\",\"properties\":{{\"vmId\":\"v\",\"networkProfileConfiguration\":{{\"networkInterfaceConfigurations\":[{{\"name\":\"a\",\"properties\":{{\"primary\":false}}}},{{\"name\":\"B\",\"properties\":{{\"primary\":true}}}}]}},"
            + $"\"networkProfile\":{{\"networkInterfaces\":[{{\"id\":\"{Vm}/networkInterfaces/a\"}},{{\"id\":\"{Vm}/networkInterfaces/b\"}}]}}}}}}";
        var vm = VirtualMachineReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal($"{Vm}/networkInterfaces/b", vm.PrimaryNetworkInterface!.Id);
    }

    private static NicView Join(byte[] model, string actual) => ScaleSetInterface.Join(
        ScaleSetVmReader.Read(model, Names, "NIC1", null), NicReader.Read(Encoding.UTF8.GetBytes(actual), Names, "x", null), new MemoryStream());

    /// <summary>The same configurations in the model of a VM.</summary>
    private static NicText Wrap(
        NicText nic, string storage, bool behind, (string Top, string Properties, string Network, string Interface, string Inner) any)
    {
        var profile = storage.Length == 0 ? "" : $"\"storageProfile\" :{storage}";
        return nic with
        {
            Head = $" {{{any.Top}\"id\":\"{Vm}\",\"etag\":\"\\\"7\\\"\",\"zz\":[{{}}],\"properties\":{{{any.Properties}{(behind || profile.Length == 0 ? "" : profile + ",")}\"networkProfileConfiguration\":{{{any.Network}\"x\":1,\"networkInterfaceConfigurations\":[{{\"name\":\"other\",\"properties\":{{\"ipConfigurations\":[ ]}}}},{{{any.Interface}\"properties\":{{ {any.Inner}\"ipConfigurations\":[",
            Tail = $"],\"primary\":true}},\"name\":\"nic1\"}}]}}{(behind && profile.Length != 0 ? " , " + profile : "")}}} }}\n",
        };
    }

    private static ModelArm Answers(string model, string actual) => new(model, actual);

    private static string Model(params string[] names)
    {
        var all = string.Join(", ", names.Select(name => $"{{\"name\":{name.Replace(" P", "", StringComparison.Ordinal)},\"properties\":{{\"primary\":{(name.EndsWith('P') ? "true" : "false")},\"subnet\":{{\"id\":\"{NicText.Subnet}\"}},\"applicationSecurityGroups\":{Group}}}}}"));
        return $"{{\"id\":\"{Vm}\",\"etag\":\"\\\"7\\\"\",\"properties\":{{\"provisioningState\":\"Succeeded\",\"networkProfileConfiguration\":{{\"networkInterfaceConfigurations\":[{{\"name\":\"nic1\",\"properties\":{{\"ipConfigurations\":[{all}]}}}}]}}}}}}";
    }

    private static string Actual(params string[] pairs)
    {
        var all = string.Concat(pairs.Select(p => p.Split('=')).Select(p => $",{{\"name\":\"{p[0]}\",\"properties\":{{\"provisioningState\":\"Succeeded\",\"privateIPAddress\":\"{p[1]}\"}}}}"));
        return $"{{\"id\":\"{NicId.ToUpperInvariant()}\",\"name\":\"nic1\",\"properties\":{{\"provisioningState\":\"Succeeded\",\"resourceGuid\":\"guid\",\"macAddress\":\"00-0D-3A-00-00-01\",\"virtualMachine\":{{\"id\":\"{Vm}\"}},"
            + $"\"ipConfigurations\":[{{\"name\":\"ipconfig1\",\"properties\":{{\"provisioningState\":\"Succeeded\",\"primary\":true,\"privateIPAddress\":\"10.0.0.4\"}}}}{all}]}}}}";
    }

    private sealed class ModelArm(string model, string actual) : IArm
    {
        internal string Model => model;

        internal List<ArmRequest> Requests { get; } = [];

        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            Requests.Add(request);
            var text = request.PathAndQuery.Contains("networkInterfaces", StringComparison.Ordinal) ? actual : model;
            return Task.FromResult(CannedArm.Answer(200, text));
        }
    }
}
