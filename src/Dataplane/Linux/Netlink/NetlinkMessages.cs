using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink;

/// <summary>
/// Walks the messages of one datagram. Nothing is read beyond the bytes given: a length that does not fit ends the walk
/// and sets <see cref="Malformed"/>.
/// </summary>
internal ref struct NetlinkMessages(ReadOnlySpan<byte> bytes)
{
    private static readonly int HeaderBytes = Unsafe.SizeOf<MessageHeader>();
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Header of the current message.</summary>
    public MessageHeader Header { get; private set; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>The walk ended before the bytes did.</summary>
    public bool Malformed { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty || Malformed)
            return false;
        if (!MemoryMarshal.TryRead(_rest, out MessageHeader header) || header.Length < HeaderBytes || header.Length > _rest.Length)
        {
            Malformed = true;
            return false;
        }
        Header = header;
        var length = (int)header.Length;
        Payload = _rest[HeaderBytes..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
