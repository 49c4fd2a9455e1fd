using System.Buffers.Binary;
using System.Text;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Allocation.Checkpoint;

/// <summary>Reads a record's body. After the first fault every read gives a default: the caller asks once, at the end.</summary>
internal ref struct BodyReader(ReadOnlySpan<byte> body)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = body;

    public bool Failed { get; private set; }

    public readonly bool AtEnd => _rest.IsEmpty;

    public void Fail() => Failed = true;

    public byte U8() => Take(1) is [var value] ? value : (byte)0;

    public long I64() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    public DateTimeOffset Time()
    {
        var ticks = I64();
        if (ticks >= DateTimeOffset.MinValue.UtcTicks && ticks <= DateTimeOffset.MaxValue.UtcTicks)
            return new DateTimeOffset(ticks, TimeSpan.Zero);
        Fail();
        return default;
    }

    public IpAddress Address()
    {
        var family = U8();
        var bytes = Take(16);
        if (bytes.Length != 16)
            return default;
        var value = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        switch (family)
        {
            case 4 when value <= uint.MaxValue: return IpAddress.V4((uint)value);
            case 16: return IpAddress.V6(value);
            default:
                Fail();
                return default;
        }
    }

    public string Text()
    {
        var head = Take(2);
        var bytes = head.Length == 2 ? Take(BinaryPrimitives.ReadUInt16LittleEndian(head)) : default;
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Fail();
            return string.Empty;
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || _rest.Length < count)
        {
            Failed = true;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
