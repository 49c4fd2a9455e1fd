using System.Buffers.Binary;

namespace Vnetcni.Fuzzing;

/// <summary>
/// One change to bytes that were valid. Three numbers say which, so that a generator of numbers draws it and makes it smaller.
/// </summary>
/// <param name="Kind">0 to <see cref="Kinds"/> - 1.</param>
/// <param name="Where">Chooses the place.</param>
/// <param name="What">Chooses what is put there.</param>
public readonly record struct Mutation(int Kind, uint Where, uint What)
{
    /// <summary>How many kinds there are.</summary>
    public const int Kinds = 10;

    // Bounds of lengths and counts, and their neighbours.
    private static readonly uint[] s_numbers =
        [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

    /// <summary>Applies changes one after another.</summary>
    /// <param name="valid">Left as it is.</param>
    /// <param name="changes">In order.</param>
    /// <param name="words">Of the format: what a random byte would hardly ever be. May be empty.</param>
    public static byte[] Apply(byte[] valid, IEnumerable<Mutation> changes, IReadOnlyList<byte[]> words)
    {
        var bytes = valid.ToArray();
        foreach (var change in changes)
            bytes = change.Apply(bytes, words);
        return bytes;
    }

    private byte[] Apply(byte[] bytes, IReadOnlyList<byte[]> words)
    {
        if (bytes.Length == 0)
            return [(byte)What];
        var at = (int)(Where % (uint)bytes.Length);
        var span = 1 + (int)(What % 64);
        var end = Math.Min(at + span, bytes.Length);
        switch (Kind)
        {
            case 0:
                bytes[at] ^= (byte)(1 << (int)(What & 7));
                return bytes;
            case 1:
                bytes[at] = (byte)What;
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[end..]];
            case 4:
                return [.. bytes[..end], .. bytes[at..]];
            case 5:
                return [.. bytes[..at], .. BitConverter.GetBytes(What), .. bytes[at..]];
            case 6:
                bytes.AsSpan(at, end - at).Clear();
                return bytes;
            case 7:
                return [.. bytes[at..], .. bytes[..at]];
            case 8 when words.Count > 0:
                return [.. bytes[..at], .. words[(int)(What % (uint)words.Count)], .. bytes[at..]];
            default:
                WriteNumber(bytes, at);
                return bytes;
        }
    }

    // A length that is wrong: at any place, of one, two or four bytes, in either byte order.
    private void WriteNumber(byte[] bytes, int at)
    {
        var choice = What % (uint)(s_numbers.Length + 3);
        var number = choice < s_numbers.Length ? s_numbers[choice] : (uint)(bytes.Length - 1 + (int)(choice - s_numbers.Length));
        Span<byte> written = stackalloc byte[4];
        var size = 1 << (int)(What / 64 % 3);
        if (What / 256 % 4 == 0)
            BinaryPrimitives.WriteUInt32BigEndian(written, number << (32 - (8 * size)));
        else
            BinaryPrimitives.WriteUInt32LittleEndian(written, number);
        written[..Math.Min(size, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
    }
}
