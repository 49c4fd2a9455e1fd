using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class NicSpliceTests
{
    private static readonly OwnedNames Names = NicText.Names;

    [Fact]
    public void Nothing_to_do_gives_the_same_bytes() => NicText.Any.Sample(nic =>
    {
        Assert.Equal(nic.Text(_ => true, string.Empty), Splice(nic.Utf8, [], []));
    });

    [Fact]
    public void Removing_cuts_our_elements_and_leaves_every_other_byte() => (
        from nic in NicText.Any
        from dice in Gen.Bool.Array[nic.Elements.Count]
        select (nic, dice)).Sample(t =>
    {
        var gone = t.nic.Elements.Where((element, i) => t.dice[i] && Names.IsOurs(element.Name)).Select(element => element.Name).ToHashSet();
        var result = Splice(t.nic.Utf8, [], gone);
        Assert.Equal(t.nic.Text(element => !gone.Contains(element.Name), string.Empty), result);
        Assert.Equal(t.nic.Elements.Select(element => element.Name).Where(name => !gone.Contains(name)), NamesIn(result));
    });

    [Fact]
    public void Adding_and_removing_in_one_body_touches_nothing_else() => (
        from nic in NicText.Any
        from dice in Gen.Bool.Array[nic.Elements.Count]
        from count in Gen.Int[1, 5]
        from fixedAddress in Gen.Bool
        select (nic, dice, count, fixedAddress)).Sample(t =>
    {
        var gone = t.nic.Elements.Where((element, i) => t.dice[i] && Names.IsOurs(element.Name)).Select(element => element.Name).ToHashSet();
        var add = Enumerable.Range(0, t.count).Select(i => new NicAddition(Names.ForSlot(100 + i), t.fixedAddress ? $"10.9.0.{i}" : null)).ToList();
        var result = Splice(t.nic.Utf8, add, gone);
        var expected = string.Concat(add.Select(Expected));
        Assert.Equal(t.nic.Text(element => !gone.Contains(element.Name), expected), result);
    });

    [Fact]
    public void Adding_then_removing_gives_the_first_bytes_back() => (
        from nic in NicText.Any
        from count in Gen.Int[1, 5]
        select (nic, count)).Sample(t =>
    {
        var add = Enumerable.Range(100, t.count).Select(i => new NicAddition(Names.ForSlot(i))).ToList();
        var larger = Splice(t.nic.Utf8, add, []);
        Assert.Equal(
            t.nic.Text(_ => true, string.Empty),
            Splice(Encoding.UTF8.GetBytes(larger), [], add.ConvertAll(addition => addition.Name.ToUpperInvariant())));
    });

    [Fact]
    public void An_addition_carries_the_primarys_subnet_and_security_groups()
    {
        const string groups = "[ { \"id\" : \"/asg/a\", \"novel\": 1 } ]";
        var nic = Encoding.UTF8.GetBytes(
            """{"id":"ID","name":"n","etag":"e","properties":{"ipConfigurations":[{"name":"p","properties":{"applicationSecurityGroups":GROUPS,"primary":true,"subnet":{"id":"/s\u00e9"}}},{"name":"q","properties":{"applicationSecurityGroups":[{"id":"/asg/b"}]}}]}}""".Replace("ID", NicText.Id).Replace("GROUPS", groups));
        var added = JsonDocument.Parse(Splice(nic, [new(Names.ForSlot(7))], [])).RootElement.GetProperty("properties").GetProperty("ipConfigurations")[2];
        Assert.Equal("vnetcni-01234567-7", added.GetProperty("name").GetString());
        var properties = added.GetProperty("properties");
        Assert.Equal(groups, properties.GetProperty("applicationSecurityGroups").GetRawText());
        Assert.Equal("/sé", properties.GetProperty("subnet").GetProperty("id").GetString());
        Assert.Equal("Dynamic", properties.GetProperty("privateIPAllocationMethod").GetString());
        Assert.False(properties.TryGetProperty("privateIPAddress", out _));
    }

    [Theory]
    [InlineData("other-1", null, "not a name of ours")]
    [InlineData("vnetcni-89abcdef-1", null, "not a name of ours")]
    [InlineData("vnetcni-01234567-x", null, "not a name of ours")]
    [InlineData("vnetcni-01234567-1", null, "already")]
    [InlineData("VNETCNI-01234567-1", null, "already")]
    [InlineData(null, "ipconfig1", "not an ipConfiguration of ours")]
    [InlineData(null, "vnetcni-01234567-99", "not an ipConfiguration of ours")]
    [InlineData("vnetcni-01234567-1", "vnetcni-01234567-1", "already")]
    public void A_wrong_name_is_refused(string? add, string? remove, string message)
    {
        using var nic = Read(NicText.Realistic(3));
        var error = Assert.Throws<ArgumentException>(() => NicSplice.Apply(nic, Names, add is null ? [] : [new(add)], remove is null ? [] : [remove]));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void More_than_an_interface_holds_is_refused()
    {
        using var nic = Read(NicText.Realistic(255));
        NicSplice.Apply(nic, Names, [new(Names.ForSlot(300))], []).Dispose();
        var error = Assert.Throws<ArgumentException>(() => NicSplice.Apply(nic, Names, [new(Names.ForSlot(300)), new(Names.ForSlot(301))], []));
        Assert.Contains("257", error.Message);
    }

    [Fact]
    public void The_primary_and_others_stay_even_when_all_of_ours_go()
    {
        var all = Enumerable.Range(1, 255).Select(Names.ForSlot).ToList();
        Assert.Equal(["ipconfig1"], NamesIn(Splice(NicText.Realistic(256), [], all)));
    }

    internal static NicView Read(byte[] utf8, string? etag = null) => NicReader.Read(utf8, Names, etag, lease: null);

    private static string Splice(byte[] utf8, IReadOnlyList<NicAddition> add, IReadOnlyCollection<string> remove)
    {
        using var nic = Read(utf8);
        using var body = NicSplice.Apply(nic, Names, add, remove);
        return Encoding.UTF8.GetString(body.Utf8.Span);
    }

    private static IEnumerable<string> NamesIn(string json) =>
        Read(Encoding.UTF8.GetBytes(json)).IpConfigurations.Select(configuration => configuration.Name);

    private static string Expected(NicAddition addition) => string.Create(
        CultureInfo.InvariantCulture,
        $",{{\"name\":\"{addition.Name}\",\"properties\":{{{(addition.Address is null ? "" : $"\"privateIPAddress\":\"{addition.Address}\",")}\"privateIPAllocationMethod\":\"{(addition.Address is null ? "Dynamic" : "Static")}\",\"privateIPAddressVersion\":\"IPv4\",\"primary\":false,\"subnet\":{{\"id\":\"{NicText.Subnet}\"}}}}}}");
}
