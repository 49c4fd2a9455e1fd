using System.Globalization;
using System.Text;

namespace Vnetcni.ApiServer.Tests.OpenApi;

/// <summary>Shows length-delimited protobuf as text; which fields are messages must be said, the wire format does not.</summary>
internal static class ProtobufText
{
    public static string Of(ReadOnlySpan<byte> bytes, HashSet<string> messages, string path = "")
    {
        var parts = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            var tag = Varint(bytes, ref at);
            if ((tag & 7) != 2)
                throw new InvalidDataException($"wire type {tag & 7} at {path}");
            var length = (int)Varint(bytes, ref at);
            var body = bytes.Slice(at, length);
            at += length;
            var number = (tag >> 3).ToString(CultureInfo.InvariantCulture);
            var full = path.Length == 0 ? number : $"{path}.{number}";
            parts.Add(messages.Contains(full) ? $"{number}{{{Of(body, messages, full)}}}" : $"{number}={Encoding.UTF8.GetString(body)}");
        }

        return string.Join(' ', parts);
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
