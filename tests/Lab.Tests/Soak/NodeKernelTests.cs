using System.Text.Json.Nodes;
using Vnetcni.Lab.Soak.Ending;
using Xunit;

namespace Vnetcni.Lab.Tests.Soak;

public sealed class NodeKernelTests
{
    private const string Nic = """[{"ifname":"lo"},{"ifname":"eth0"}]""";
    private const string Base = """{"dst":"default","gateway":"10.224.0.1","dev":"eth0","flags":[]}""";
    private const string Held = """{"type":"unreachable","dst":"10.224.0.9","dev":"lo","metric":1000,"flags":[]}""";
    private static readonly NodeKernel Before = Kernel();

    [Fact]
    public void A_machine_with_a_route_for_each_held_address_and_our_table_is_clean() =>
        Assert.Empty(Kernel(routes: $"[{Base},{Held}]", tables: Ruleset("10.224.0.9")).LeftBehind(Before, ["10.224.0.9"]));

    [Fact]
    public void A_veth_is_left_behind() =>
        Assert.Equal(
            ["link azv1 (vnetcni:vnet/abc/eth0)"],
            Kernel(links: """[{"ifname":"lo"},{"ifname":"eth0"},{"ifname":"azv1","ifalias":"vnetcni:vnet/abc/eth0"}]""").LeftBehind(Before, []));

    [Fact]
    public void A_route_of_an_address_that_the_NIC_does_not_hold_is_left_behind() =>
        Assert.StartsWith("route", Assert.Single(Kernel(routes: $"[{Base},{Held}]").LeftBehind(Before, [])), StringComparison.Ordinal);

    [Fact]
    public void A_pods_route_is_left_behind_even_for_a_held_address()
    {
        const string Pod = """{"dst":"10.224.0.9","dev":"azv1","scope":"link","flags":[]}""";
        Assert.Contains("azv1", Assert.Single(Kernel(routes: $"[{Base},{Held},{Pod}]").LeftBehind(Before, ["10.224.0.9"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_held_address_without_its_route_is_told() =>
        Assert.Contains("10.224.0.9", Assert.Single(Kernel().LeftBehind(Before, ["10.224.0.9"])), StringComparison.Ordinal);

    [Fact]
    public void The_kernels_own_routes_of_the_NIC_are_not_ours()
    {
        const string LinkLocal = """{"type":"local","dst":"fe80::1","dev":"eth0","table":"local","protocol":"kernel","flags":[]}""";
        Assert.Empty(Kernel(routes: $"[{Base},{LinkLocal}]").LeftBehind(Before, []));
    }

    [Fact]
    public void Rules_and_neighbours_are_left_behind()
    {
        var kernel = Kernel(rules: """[{"priority":0},{"priority":100,"src":"10.224.0.9"}]""", neighbours: """[{"dst":"10.224.0.9","dev":"eth0"}]""");
        Assert.Equal(2, kernel.LeftBehind(Before, []).Count);
    }

    [Fact]
    public void A_strange_table_and_a_stale_element_are_left_behind()
    {
        var ruleset = Ruleset("10.224.0.10");
        ruleset["nftables"]!.AsArray().Add(JsonNode.Parse("""{"table":{"family":"inet","name":"other"}}"""));
        var left = Kernel(tables: ruleset).LeftBehind(Before, []);
        Assert.Equal(["nftables table inet other", "10.224.0.10 in the nftables set pods0, which the NIC does not hold"], left);
    }

    private static NodeKernel Kernel(
        string links = Nic, string routes = $"[{Base}]", string rules = """[{"priority":0}]""", string neighbours = "[]", JsonObject? tables = null) =>
        new(Array(links), Array(routes), Array(rules), Array(neighbours), tables ?? new JsonObject { ["nftables"] = new JsonArray() });

    private static JsonArray Array(string json) => JsonNode.Parse(json)!.AsArray();

    private static JsonObject Ruleset(string element) => JsonNode.Parse($$$"""
        {"nftables":[{"metainfo":{"version":"1"}},{"table":{"family":"ip","name":"vnetcni"}},
         {"set":{"family":"ip","table":"vnetcni","name":"pods0","elem":["{{{element}}}"]}}]}
        """)!.AsObject();
}
