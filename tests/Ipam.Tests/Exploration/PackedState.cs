using System.Runtime.CompilerServices;

namespace Vnetcni.Ipam.Tests.Exploration;

/// <summary>A state of an explored world in 256 bits: compared and hashed as they are.</summary>
[InlineArray(4)]
internal struct PackedState : IEquatable<PackedState>
{
    private ulong first;

    public readonly bool Equals(PackedState other) =>
        this[0] == other[0] && this[1] == other[1] && this[2] == other[2] && this[3] == other[3];

    public override readonly bool Equals(object? obj) => obj is PackedState other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = 0x9E3779B97F4A7C15ul;
        for (var i = 0; i < 4; i++)
        {
            hash = (hash ^ this[i]) * 0xff51afd7ed558ccdul;
            hash ^= hash >> 32;
        }

        return (int)(hash ^ (hash >> 29));
    }
}

/// <summary>Goes over the fields of a state in a fixed order, to write them into bits or to read them from there.</summary>
internal ref struct BitCursor(ref PackedState bits, bool reads)
{
    private readonly ref PackedState bits = ref bits;
    private readonly bool reads = reads;
    private int at;

    public void Field(ref int value, int width)
    {
        if (reads)
            value = Read(width);
        else
            Write(value, width);
    }

    public void Field(ref bool value)
    {
        if (reads)
            value = Read(1) != 0;
        else
            Write(value ? 1 : 0, 1);
    }

    private void Write(int value, int width)
    {
        if ((value >> width) != 0)
            throw new InvalidOperationException($"{value} does not fit {width} bits");
        var (word, shift) = (at >> 6, at & 63);
        bits[word] |= (ulong)value << shift;
        if (shift + width > 64)
            bits[word + 1] |= (ulong)value >> (64 - shift);
        at += width;
    }

    private int Read(int width)
    {
        var (word, shift) = (at >> 6, at & 63);
        var value = bits[word] >> shift;
        if (shift + width > 64)
            value |= bits[word + 1] << (64 - shift);
        at += width;
        return (int)(value & ((1ul << width) - 1));
    }
}
