using CsCheck;
using Vnetcni.Lab.ApiServer.Http;
using Vnetcni.Lab.ApiServer.OpenApi;

namespace Vnetcni.ApiServer.Tests.Http;

public class ProtobufBodyTests
{
    [Fact]
    public void A_namespace_is_read_as_its_JSON() => Assert.Equal(
        """{"metadata":{"name":"n","labels":{"a":"b","c":""},"finalizers":["x","y"]},"spec":{},"apiVersion":"v1","kind":"Namespace"}""",
        ProtobufBody.Read(Envelope("v1", "Namespace", message =>
        {
            message.Message(1, meta =>
            {
                meta.Text(1, "n");
                meta.Message(8, static _ => { });
                meta.Message(11, pair => { pair.Text(1, "a"); pair.Text(2, "b"); });
                meta.Message(11, pair => pair.Text(1, "c"));
                meta.Text(14, "x");
                meta.Text(14, "y");
            });
            message.Message(2, static _ => { });
        }))!.ToJsonString());

    [Fact]
    public void Options_of_a_delete_are_read() => Assert.Equal(
        """{"gracePeriodSeconds":30,"preconditions":{"uid":"u"},"orphanDependents":true,"dryRun":["All"],"apiVersion":"v1","kind":"DeleteOptions"}""",
        ProtobufBody.Read(Envelope("v1", "DeleteOptions", message =>
        {
            message.Integer(1, 30);
            message.Message(2, inner => inner.Text(1, "u"));
            message.Boolean(3, true);
            message.Text(5, "All");
        }))!.ToJsonString());

    [Fact]
    public void Other_kinds_and_what_is_no_envelope_are_left_to_be_refused()
    {
        Assert.Null(ProtobufBody.Read(Envelope("v1", "Secret", static _ => { })));
        Assert.Null(ProtobufBody.Read("{}"u8));
        Assert.Null(ProtobufBody.Read([]));
    }

    [Fact]
    public void No_bytes_lead_to_another_error_than_FormatException()
    {
        var whole = Envelope("v1", "Namespace", message => message.Message(1, meta => meta.Text(1, "name")));
        Gen.Select(Gen.Int[4, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length]).Sample((at, value, length) =>
        {
            var broken = whole[..Math.Max(4, length)];
            if (at < broken.Length)
                broken[at] = value;
            try
            {
                _ = ProtobufBody.Read(broken)?.ToJsonString();
            }
            catch (FormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
        });
    }

    private static byte[] Envelope(string apiVersion, string kind, Action<ProtobufWriter> body)
    {
        var writer = new ProtobufWriter();
        writer.Message(1, type => { type.Text(1, apiVersion); type.Text(2, kind); });
        writer.Message(2, body);
        return [.. "k8s\0"u8, .. writer.Written.Span];
    }
}
