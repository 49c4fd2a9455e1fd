using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink;

/// <summary>
/// Writes a batch of messages into the caller's buffer: nlmsghdr, a fixed header, then attributes, each padded to four
/// bytes. Sequence numbers count up from the one given. Too small a buffer is a fault of ours and throws.
/// </summary>
internal ref struct NetlinkWriter(Span<byte> buffer, uint firstSequence)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;
    private int _message = -1;

    /// <summary>Messages written.</summary>
    public int Count { get; private set; }

    /// <summary>Sequence number of the first message.</summary>
    public uint FirstSequence { get; } = firstSequence;

    /// <summary>The finished bytes.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>Begins a message that changes something; the kernel acknowledges it.</summary>
    public void BeginChange<THeader>(ushort type, ushort flags, in THeader header)
        where THeader : unmanaged => Begin(type, (ushort)(flags | MessageFlags.Ack), header);

    /// <summary>Begins a message that asks; the answer is its acknowledgement.</summary>
    public void BeginQuery<THeader>(ushort type, ushort flags, in THeader header)
        where THeader : unmanaged => Begin(type, flags, header);

    /// <summary>Ends the message: its length is known now.</summary>
    public void End()
    {
        var start = _message >= 0 ? _message : throw new InvalidOperationException("No netlink message was begun.");
        Unsafe.As<byte, uint>(ref _buffer[start]) = (uint)(_length - start);
        Pad();
        _message = -1;
        Count++;
    }

    /// <summary>An attribute of raw bytes.</summary>
    public void Put(ushort type, scoped ReadOnlySpan<byte> value)
    {
        var header = new AttributeHeader { Length = checked((ushort)(Unsafe.SizeOf<AttributeHeader>() + value.Length)), Type = type };
        Append(header);
        value.CopyTo(Take(value.Length));
        Pad();
    }

    /// <summary>A 32-bit attribute.</summary>
    public void Put(ushort type, uint value) => Put(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>A 32-bit attribute in network byte order, as netfilter wants all its numbers.</summary>
    public void PutBigEndian(ushort type, uint value) => Put(type, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>A string attribute, ended by NUL.</summary>
    public void Put(ushort type, string value)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(value.Length) + 1];
        var count = Encoding.UTF8.GetBytes(value, bytes);
        bytes[count] = 0;
        Put(type, bytes[..(count + 1)]);
    }

    /// <summary>A fixed header inside a nested attribute (the peer's ifinfomsg).</summary>
    public void PutHeader<THeader>(in THeader header)
        where THeader : unmanaged
    {
        Append(header);
        Pad();
    }

    /// <summary>Opens a nested attribute; hand the result to <see cref="EndNest"/>.</summary>
    public int BeginNest(ushort type)
    {
        var start = _length;
        Append(new AttributeHeader { Type = type });
        return start;
    }

    /// <summary>Closes a nested attribute.</summary>
    public readonly void EndNest(int start) =>
        Unsafe.As<byte, ushort>(ref _buffer[start]) = checked((ushort)(_length - start));

    private void Begin<THeader>(ushort type, ushort flags, in THeader header)
        where THeader : unmanaged
    {
        if (_message >= 0)
            throw new InvalidOperationException("The netlink message before was not ended.");
        _message = _length;
        Append(new MessageHeader
        {
            Type = type,
            Flags = (ushort)(flags | MessageFlags.Request),
            Sequence = FirstSequence + (uint)Count,
        });
        PutHeader(header);
    }

    private void Append<T>(in T value)
        where T : unmanaged => MemoryMarshal.Write(Take(Unsafe.SizeOf<T>()), in value);

    private void Pad() => Take(-_length & 3).Clear();

    private Span<byte> Take(int count)
    {
        if (count > _buffer.Length - _length)
            throw new InvalidOperationException($"A netlink batch needs more than its {_buffer.Length} bytes.");
        var taken = _buffer.Slice(_length, count);
        _length += count;
        return taken;
    }
}
