using System.Text;
using CsCheck;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class NicReaderTests
{
    [Fact]
    public void The_fields_that_count_are_read()
    {
        var nic = NicSpliceTests.Read(NicText.Realistic(3), "W/\"header\"");
        Assert.Equal(NicText.Id, nic.Id);
        Assert.Equal("W/\"header\"", nic.ETag);
        Assert.Equal("00:0d:3a:01:02:03", nic.MacAddress);
        Assert.Equal("6f1e", nic.ResourceGuid);
        Assert.True(nic.IsSettled);
        Assert.Equal(("ipconfig1", "10.1.0.4", true, false), Tell(nic.Primary));
        Assert.Equal(("vnetcni-01234567-2", "10.1.0.6", false, true), Tell(nic.Find("VNETCNI-01234567-2")!.Value));
        Assert.Null(nic.Find("none"));
        Assert.Same(nic.Primary.SubnetId, nic.IpConfigurations[2].SubnetId);

        static (string, string?, bool, bool) Tell(NicIpConfiguration c) => (c.Name, c.Address, c.IsPrimary, c.IsOurs);
    }

    [Fact]
    public void A_body_without_a_header_gives_its_own_etag() => Assert.Equal("W/\"7f3c\"", NicSpliceTests.Read(NicText.Realistic(1)).ETag);

    [Theory]
    [InlineData("\"provisioningState\": \"Succeeded\",\n    \"resourceGuid\"", "\"provisioningState\": \"Updating\",\n    \"resourceGuid\"")]
    [InlineData("\"provisioningState\": \"Succeeded\",\n          \"privateIPAddress\": \"10.1.0.5\"", "\"provisioningState\": \"Updating\"")]
    public void An_interface_with_anything_under_way_is_not_settled(string old, string @new)
    {
        var text = Encoding.UTF8.GetString(NicText.Realistic(2));
        Assert.Contains(old, text);
        Assert.False(NicSpliceTests.Read(Encoding.UTF8.GetBytes(text.Replace(old, @new))).IsSettled);
    }

    [Fact]
    public void Every_truncated_body_is_refused()
    {
        var whole = NicText.Realistic(2);
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<ArmAnswerException>(() => NicSpliceTests.Read(whole[..length]));
    }

    [Fact]
    public void A_body_with_random_bytes_is_read_or_refused_and_never_anything_else() =>
        Gen.Select(Gen.Int[0, 2000], Gen.Byte, Gen.Int[0, 2000], Gen.Byte).Sample((at, value, at2, value2) =>
        {
            var body = NicText.Realistic(2);
            body[at % body.Length] = value;
            body[at2 % body.Length] = value2;
            try
            {
                using var nic = NicSpliceTests.Read(body);
                using var spliced = NicSplice.Apply(nic, NicText.Names, [], []);
                Assert.True(spliced.Utf8.Span.SequenceEqual(body));
            }
            catch (ArmAnswerException)
            {
                return;
            }
            catch (ArgumentException e)
            {
                Assert.Contains("two ipConfigurations", e.Message);
            }
        }, iter: 20_000);

    [Theory]
    [InlineData("[]", "unexpected shape")]
    [InlineData("null", "unexpected shape")]
    [InlineData("{}", "lacks id")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"properties\":{\"ipConfigurations\":{}}}", "unexpected shape")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"properties\":{\"ipConfigurations\":[null]}}", "unexpected shape")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"properties\":{\"ipConfigurations\":[{}]}}", "no name")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\"}]}}", "without an ETag")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"etag\":\"e\",\"properties\":{\"ipConfigurations\":[]}}", "one primary")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"etag\":\"e\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\"},{\"name\":\"b\"}]}}", "one primary")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"etag\":\"e\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"primary\":true}},{\"name\":\"b\",\"properties\":{\"primary\":true}}]}}", "one primary")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"etag\":\"e\",\"properties\":{\"ipConfigurations\":[{\"name\":\"vnetcni-01234567-1\",\"properties\":{\"primary\":true}}]}}", "never be removed")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"etag\":\"e\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\",\"name\":\"vnetcni-01234567-1\"}]}}", "twice")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"etag\":\"e\",\"properties\":{\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"primary\":true,\"primary\":false}}]}}", "twice")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"etag\":\"e\",\"properties\":{\"ipConfigurations\":[],\"ipConfigurations\":[{\"name\":\"a\"}]}}", "twice")]
    [InlineData("{\"id\":\"i\",\"name\":\"n\",\"properties\":{},\"properties\":{}}", "twice")]
    [InlineData("{\"id\":\"i\",\"name\":\"\\ud800\"}", "not valid JSON")]
    [InlineData("{\"id\":1}", "unexpected shape")]
    [InlineData("{} {}", "not valid JSON")]
    public void Another_shape_is_refused_with_its_fault(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<ArmAnswerException>(() => NicSpliceTests.Read(Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void Deep_and_huge_bodies_are_refused()
    {
        var deep = "{\"x\":" + new string('[', 100_000);
        Assert.Throws<ArmAnswerException>(() => NicSpliceTests.Read(Encoding.UTF8.GetBytes(deep)));
        Assert.Throws<ArmAnswerException>(() => NicSpliceTests.Read(new byte[NicReader.MaxBytes + 1]));
        var many = "{\"properties\":{\"ipConfigurations\":[" + string.Join(',', Enumerable.Repeat("{\"name\":\"a\"}", 1025)) + "]}}";
        Assert.Contains("more than 1024", Assert.Throws<ArmAnswerException>(() => NicSpliceTests.Read(Encoding.UTF8.GetBytes(many))).Message);
    }

    [Theory]
    [InlineData("vnetcni-01234567-12", true, 12)]
    [InlineData("VnetCni-01234567-0", true, 0)]
    [InlineData("vnetcni-01234567-", false, 0)]
    [InlineData("vnetcni-01234567--1", false, 0)]
    [InlineData("vnetcni-01234567-99999999999", false, 0)]
    [InlineData("vnetcni-76543210-1", false, 0)]
    public void Slots_are_read_from_names(string name, bool expected, int slot)
    {
        Assert.Equal(expected, NicText.Names.TryGetSlot(name, out var found));
        if (expected)
            Assert.Equal(slot, found);
        Assert.True(OwnedNames.IsOfProduct(name));
    }

    [Fact]
    public void Names_come_from_the_clusters_uid()
    {
        Assert.Equal("vnetcni-3f2a9c10-5", OwnedNames.ForCluster("3F2A9C10-1111-2222-3333-444455556666").ForSlot(5));
        Assert.Throws<ArgumentException>(() => OwnedNames.ForCluster("short"));
        Assert.Throws<ArgumentException>(() => OwnedNames.ForCluster("cluster-name"));
    }
}
