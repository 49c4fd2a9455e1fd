using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>Writes the protobuf wire format. https://protobuf.dev/programming-guides/encoding/</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Length = 2;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <summary>A string; an empty one is not written, as proto3 wants it.</summary>
    public void Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Bytes(field, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>A boolean; false is not written.</summary>
    public void Boolean(int field, bool value)
    {
        if (!value)
            return;
        Tag(field, Varint);
        Number(1);
    }

    /// <summary>An int64; 0 is not written.</summary>
    public void Integer(int field, long value)
    {
        if (value == 0)
            return;
        Tag(field, Varint);
        Number((ulong)value);
    }

    /// <summary>A double; 0 is not written.</summary>
    public void Double(int field, double value)
    {
        if (value == 0)
            return;
        Tag(field, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>A nested message, also an empty one.</summary>
    public void Message(int field, Action<ProtobufWriter> body)
    {
        var nested = new ProtobufWriter();
        body(nested);
        Bytes(field, nested.Written.Span);
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Length);
        Number((ulong)value.Length);
        _buffer.Write(value);
    }

    private void Tag(int field, int type) => Number((ulong)((field << 3) | type));

    private void Number(ulong value)
    {
        var span = _buffer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _buffer.Advance(length);
    }
}
