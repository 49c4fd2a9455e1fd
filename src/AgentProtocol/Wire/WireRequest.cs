using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.AgentProtocol.Wire;

/// <summary>
/// A CNI call on its way to the agent: <c>u32 length</c> and
/// <c>{v, cmd, id, ifname, netns, path, args, config}</c>, where config is stdin as it came.
/// </summary>
/// <param name="Environment">The variables; checked after reading by <see cref="CniEnvironment.Validate"/>.</param>
/// <param name="Config">stdin, a JSON object.</param>
public sealed record WireRequest(CniEnvironment Environment, ReadOnlyMemory<byte> Config)
{
    private const int VersionDigits = 10;

    /// <summary>The frame, length field included.</summary>
    /// <exception cref="CniException">Decode: longer than the protocol allows.</exception>
    public byte[] ToFrame()
    {
        var buffer = new ArrayBufferWriter<byte>(512 + Config.Length);
        buffer.GetSpan(WireLimits.LengthBytes)[..WireLimits.LengthBytes].Clear();
        buffer.Advance(WireLimits.LengthBytes);
        buffer.Write("{\"v\":"u8);
        WireLimits.Version.TryFormat(buffer.GetSpan(VersionDigits), out var digits, default, CultureInfo.InvariantCulture);
        buffer.Advance(digits);
        WriteField(buffer, ",\"cmd\":"u8, Environment.Command.Name());
        WriteField(buffer, ",\"id\":"u8, Environment.ContainerId);
        WriteField(buffer, ",\"ifname\":"u8, Environment.InterfaceName);
        WriteField(buffer, ",\"netns\":"u8, Environment.Netns);
        WriteField(buffer, ",\"path\":"u8, Environment.Path);
        WriteField(buffer, ",\"args\":"u8, Environment.Args);
        buffer.Write(",\"config\":"u8);
        buffer.Write(Config.Span);
        buffer.Write("}"u8);

        var frame = buffer.WrittenSpan.ToArray();
        var length = frame.Length - WireLimits.LengthBytes;
        if (length > WireLimits.Request)
        {
            throw new CniException(
                CniErrorCode.Decode,
                "the call is too long for the agent",
                $"configuration and variables make {length} bytes, at most {WireLimits.Request} are taken");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)length);
        return frame;
    }

    /// <summary>Reads what follows the length field. Unknown fields are ignored; nothing is checked beyond the shape.</summary>
    /// <exception cref="CniException">
    /// TryAgainLater: a version that is not served. Decode: not a request.
    /// </exception>
    public static WireRequest Parse(ReadOnlyMemory<byte> body) => WireRequestReader.Read(body);

    private static void WriteField(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> name, string value)
    {
        buffer.Write(name);
        JsonText.Write(buffer, value);
    }
}
