using System.Text.Json.Nodes;
using Vnetcni.Lab.Soak.Ending;
using Vnetcni.Lab.Soak.Truth;
using Xunit;

namespace Vnetcni.Lab.Tests.Soak;

public sealed class PoolPictureTests
{
    private const string Mac = "00:0d:3a:00:00:01";
    private static readonly (string, string)[] Machines = [("node1", Mac)];

    [Fact]
    public void A_pool_at_rest_that_agrees_with_ARM_is_fine() => Assert.Empty(Complaints(Picture()));

    [Fact]
    public void Addresses_of_other_tools_on_the_NIC_are_not_ours() =>
        Assert.Empty(Complaints(Picture(arm: [.. Arm("vnetcni-1"), new ArmAddress("10.224.0.77", Mac, "other-tool", Primary: false, "Succeeded")])));

    [Theory]
    [InlineData("usage", """{"inUse":1}""", "usage.inUse 1")]
    [InlineData("usage", """{"cooling":2}""", "usage.cooling 2")]
    [InlineData("usage", """{"releasable":["10.224.0.9"]}""", "still offers")]
    [InlineData("operation", """{"kind":"Put"}""", "running operation")]
    [InlineData("held", "3", "says that it holds 3")]
    [InlineData("conditions", """[{"type":"Ready","status":"False"}]""", "not Ready")]
    public void What_is_not_at_rest_is_told(string field, string value, string words)
    {
        var picture = Picture();
        picture.Pools[0]!["status"]![field] = JsonNode.Parse(value);
        Assert.Contains(words, Assert.Single(Complaints(picture)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_on_the_NIC_that_no_pool_lists_is_leaked() =>
        Assert.Contains(
            "10.224.0.10 is on the NIC only",
            Assert.Single(Complaints(Picture(arm: [.. Arm("vnetcni-1"), new ArmAddress("10.224.0.10", Mac, "vnetcni-2", Primary: false, "Succeeded")]))), StringComparison.Ordinal);

    [Fact]
    public void An_address_that_only_the_pool_lists_is_told() =>
        Assert.Contains("10.224.0.9 is in the status only", Assert.Single(Complaints(Picture(arm: []))), StringComparison.Ordinal);

    [Fact]
    public void An_address_twice_and_a_NIC_that_did_not_succeed_are_told()
    {
        var complaints = Complaints(Picture(arm: [.. Arm("vnetcni-1"), new ArmAddress("10.224.0.9", "00:0d:3a:00:00:02", "vnetcni-1", Primary: false, "Failed")]));
        Assert.Equal(2, complaints.Count);
    }

    [Fact]
    public void A_reservation_that_stays_and_a_wrong_count_are_told()
    {
        var networks = JsonNode.Parse("""[{"metadata":{"name":"v"},"status":{"usedByUs":2,"reservations":[{"pool":"node1"}]}}]""")!.AsArray();
        Assert.Equal(2, Complaints(Picture() with { Networks = networks }).Count);
    }

    private static IReadOnlyList<string> Complaints(PoolPicture picture) => picture.Complaints(Machines, mostFree: 12);

    private static ArmAddress[] Arm(string name) => [new ArmAddress("10.224.0.9", Mac, name, Primary: false, "Succeeded")];

    private static PoolPicture Picture(IReadOnlyList<ArmAddress>? arm = null) => new(
        JsonNode.Parse($$$"""
            [{"metadata":{"name":"node1"},"status":{"held":1,"usage":{"inUse":0,"releasable":[]},
              "networkInterfaces":[{"macAddress":"{{{Mac}}}","addresses":[{"address":"10.224.0.9","state":"Available"}]}],
              "conditions":[{"type":"Ready","status":"True"}]}}]
            """)!.AsArray(),
        JsonNode.Parse("""[{"metadata":{"name":"v"},"status":{"usedByUs":1,"reservations":[]}}]""")!.AsArray(),
        arm ?? Arm("vnetcni-1"));
}
