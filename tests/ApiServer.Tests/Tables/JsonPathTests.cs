using System.Text.Json.Nodes;
using CsCheck;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.ApiServer.Tests.Tables;

public class JsonPathTests
{
    private static readonly JsonNode Sample = JsonNode.Parse("""
        {
          "metadata": {"annotations": {"a.b/c": "dotted"}},
          "list": [{"n": 1, "t": "x", "ok": true}, {"n": 2, "t": "y"}, {"n": 3.5, "t": "x", "deep": {"n": 9}}],
          "map": {"b": 2, "a": 1}
        }
        """)!;

    [Theory]
    [InlineData(".metadata.annotations.a\\.b/c", "\"dotted\"")]
    [InlineData(".metadata.annotations['a.b/c']", "\"dotted\"")]
    [InlineData(".list[0].n", "1")]
    [InlineData(".list[-1].n", "3.5")]
    [InlineData(".list[0:2].n", "1 2")]
    [InlineData(".list[::2].n", "1 3.5")]
    [InlineData(".list[*].n", "1 2 3.5")]
    [InlineData(".map.*", "1 2")]
    [InlineData(".list..n", "1 2 3.5 9")]
    [InlineData(".list[?(@.t==\"x\")].n", "1 3.5")]
    [InlineData(".list[?(@.t == 'y')].n", "2")]
    [InlineData(".list[?(@.n>=2)].t", "\"y\" \"x\"")]
    [InlineData(".list[?(@.n!=2)].t", "\"x\" \"x\"")]
    [InlineData(".list[?(@.ok==true)].n", "1")]
    [InlineData(".list[?(@.deep)].deep.n", "9")]
    [InlineData(".list[7].n", "")]
    [InlineData(".missing.n", "")]
    [InlineData(".list[?(@.t==5)].n", "")]
    public void It_finds(string path, string expected) =>
        Assert.Equal(expected, string.Join(' ', JsonPath.Parse(path).Find(Sample).Select(n => n!.ToJsonString())));

    [Theory]
    [InlineData("list")]
    [InlineData(".list[")]
    [InlineData(".list[x]")]
    [InlineData(".list[?(@.n=1)]")]
    [InlineData(".list[?(@.n==)]")]
    [InlineData(".list[?(@.n=='x']")]
    [InlineData(".list[0:1:0]")]
    public void What_it_cannot_read_it_refuses_with_the_position(string path)
    {
        var error = Assert.Throws<FormatException>(() => JsonPath.Parse(path));
        Assert.Contains("position", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_leads_to_another_error_than_FormatException() =>
        Gen.OneOf([.. ".[]()?@='\"\\*:0-9ax <>!".Select(c => Gen.Const(c))]).Array[0, 20].Select(c => new string(c)).Sample(text =>
        {
            try
            {
                _ = JsonPath.Parse(text).Find(Sample);
            }
            catch (FormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
        });
}
