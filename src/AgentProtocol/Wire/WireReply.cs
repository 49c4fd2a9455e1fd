using System.Buffers.Binary;

namespace Vnetcni.AgentProtocol.Wire;

/// <summary>The agent's answer: <c>u32 length</c>, <c>u8 exit code</c>, and the bytes for stdout.</summary>
/// <param name="ExitCode">What the binary exits with: 0 on success.</param>
/// <param name="Output">What it prints; may be empty.</param>
public sealed record WireReply(byte ExitCode, ReadOnlyMemory<byte> Output)
{
    /// <summary>
    /// Exit code of the reply to a request that was not understood: the binary records a DEL then, and exits with 1 for the other verbs.
    /// A binary that does not know this code exits with it, which is a failure as well.
    /// </summary>
    public const byte NotUnderstood = 254;

    /// <summary>Success without output.</summary>
    public static WireReply Done { get; } = new(0, ReadOnlyMemory<byte>.Empty);

    /// <summary>An error, printed as CNI's error JSON.</summary>
    public static WireReply Error(string? cniVersion, CniException error) =>
        new(error.NotUnderstood ? NotUnderstood : (byte)1, CniErrorJson.Write(cniVersion, error));

    /// <summary>The frame, length field included.</summary>
    public byte[] ToFrame()
    {
        var frame = new byte[WireLimits.LengthBytes + 1 + Output.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(1 + Output.Length));
        frame[WireLimits.LengthBytes] = ExitCode;
        Output.Span.CopyTo(frame.AsSpan(WireLimits.LengthBytes + 1));
        return frame;
    }

    /// <summary>Reads what follows the length field.</summary>
    /// <exception cref="CniException">Io: there is nothing.</exception>
    public static WireReply Parse(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            throw new CniException(CniErrorCode.Io, "the agent's reply is empty", "the agent may be of another release");
        return new WireReply(body.Span[0], body[1..]);
    }
}
