using System.Text;
using System.Text.Json;
using CsCheck;
using Vnetcni.ControllerRuntime.Api;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Api;

/// <summary>Whatever bytes come, a reader answers with a value or with JsonException; nothing else and never endlessly.</summary>
public sealed class HostileBytesTests
{
    private static readonly byte[] List = Encoding.UTF8.GetBytes(
        """{"kind":"PodList","metadata":{"resourceVersion":"12","continue":"abc"},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"},"x":[1,{"y":"]}"}]}]}""");

    private static readonly byte[] Event = Encoding.UTF8.GetBytes(
        """{"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"a","resourceVersion":"7"},"spec":{"x":"}{"}}}""");

    private static readonly byte[] Status = Encoding.UTF8.GetBytes(
        """{"kind":"Status","message":"too old","reason":"Expired","details":{"retryAfterSeconds":3},"code":410}""");

    [Fact]
    public void Random_bytes()
    {
        Gen.Byte.Array[0, 200].Sample(Probe, iter: 20_000);
    }

    [Fact]
    public void Valid_messages_with_some_bytes_changed_cut_or_repeated()
    {
        var edit = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 400], Gen.Byte, Gen.Int[1, 20]);
        Gen.Select(Gen.Int[0, 2], edit.Array[1, 6]).Sample((which, edits) =>
        {
            var bytes = new List<byte>(which switch { 0 => List, 1 => Event, _ => Status });
            foreach (var (kind, position, value, count) in edits)
            {
                var at = bytes.Count == 0 ? 0 : position % bytes.Count;
                if (kind == 0 && bytes.Count > 0)
                    bytes[at] = value;
                else if (kind == 1)
                    bytes.RemoveRange(at, Math.Min(count, bytes.Count - at));
                else
                    bytes.InsertRange(at, bytes.Skip(at).Take(count).ToList());
            }

            Probe([.. bytes]);
        }, iter: 30_000);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var deep = Encoding.ASCII.GetBytes("{\"items\":" + new string('[', 100_000));
        Assert.Throws<JsonException>(() => KubeListReader.Read(deep));
        var deepObject = Encoding.ASCII.GetBytes("{\"type\":\"ADDED\",\"object\":" + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)));
        Assert.ThrowsAny<JsonException>(() => KubeWatchEventReader.Read(deepObject));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"items\":[]}")]
    [InlineData("{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[1]}")]
    [InlineData("{\"metadata\":{\"resourceVersion\":5},\"items\":[]}")]
    [InlineData("{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{}]}{}")]
    [InlineData("{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{}]")]
    [InlineData("{\"metadata\":{\"resourceVersion\":\"\\ud800\"},\"items\":[]}")]
    public void A_list_that_is_none_is_refused(string text) =>
        Assert.ThrowsAny<JsonException>(() => KubeListReader.Read(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("{\"type\":\"ADDED\"}")]
    [InlineData("{\"type\":\"ADDED\",\"object\":null}")]
    [InlineData("{\"type\":7,\"object\":{}}")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{}} x")]
    public void An_event_that_is_none_is_refused(string text) =>
        Assert.ThrowsAny<JsonException>(() => KubeWatchEventReader.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_order_of_the_properties_does_not_matter()
    {
        var list = KubeListReader.Read("{\"items\":[{\"a\":1}],\"metadata\":{\"continue\":\"c\",\"resourceVersion\":\"5\"}}"u8.ToArray());
        Assert.Equal(("5", "c", 1), (list.ResourceVersion, list.Continue, list.Items.Count));
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(list.Items[0].Span));
        var watched = KubeWatchEventReader.Read("{\"object\":{\"a\":1},\"type\":\"DELETED\"}"u8.ToArray());
        Assert.Equal("DELETED", watched.Type);
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(watched.Object.Span));
    }

    [Fact]
    public void Null_items_are_an_empty_list() =>
        Assert.Empty(KubeListReader.Read("{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":null}"u8.ToArray()).Items);

    [Fact]
    public void A_status_tells_code_reason_message_and_delay()
    {
        var e = KubeStatusReader.Read(500, Status, null, DateTimeOffset.UnixEpoch);
        Assert.Equal((410, "Expired", TimeSpan.FromSeconds(3)), (e.StatusCode, e.Reason, e.RetryAfter));
        Assert.True(e.IsGone);
        Assert.Contains("too old", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_of_a_proxy_is_kept_short_and_printable()
    {
        var e = KubeStatusReader.Read(502, Encoding.UTF8.GetBytes("\u001b[31mBad\r\nGateway" + new string('x', 10_000)), null, DateTimeOffset.UnixEpoch);
        Assert.Equal(502, e.StatusCode);
        Assert.True(e.Message.Length < 3000);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Fact]
    public void A_pod_with_malformed_values_is_a_JsonException()
    {
        foreach (var text in new[]
        {
            "null", "[]", "{\"metadata\":{\"creationTimestamp\":\"yesterday\"}}", "{\"metadata\":{\"generation\":1e99}}",
            "{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"many\"}}}]}}", "{\"metadata\":{\"labels\":[]}}",
        })
            Assert.ThrowsAny<JsonException>(() => KubeKinds.Pods.Read(Encoding.UTF8.GetBytes(text)));
    }

    private static void Probe(byte[] bytes)
    {
        try
        {
            _ = KubeListReader.Read(bytes);
        }
        catch (JsonException e)
        {
            Assert.NotEmpty(e.Message);
        }

        try
        {
            _ = KubeWatchEventReader.Read(bytes);
        }
        catch (JsonException e)
        {
            Assert.NotEmpty(e.Message);
        }

        // Never throws: it answers with an exception object for anything.
        Assert.InRange(KubeStatusReader.Read(503, bytes, null, DateTimeOffset.UnixEpoch).StatusCode, 400, 599);
    }
}
