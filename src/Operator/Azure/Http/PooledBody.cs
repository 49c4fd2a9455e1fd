using System.Buffers;

namespace Vnetcni.Operator.Azure.Http;

/// <summary>Bytes in a rented array. Write it, read <see cref="Written"/>, then dispose it once nobody reads it any more.</summary>
internal sealed class PooledBody(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[]? _array = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 256));
    private int _length;

    internal ReadOnlyMemory<byte> Written => Array.AsMemory(0, _length);

    internal int Length => _length;

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledBody));

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return Array.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return Array.AsSpan(_length);
    }

    public void Dispose()
    {
        if (_array is not { } array)
            return;
        _array = null;
        ArrayPool<byte>.Shared.Return(array);
    }

    private void Reserve(int sizeHint)
    {
        var need = Math.Max(sizeHint, 1);
        if (Array.Length - _length >= need)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + need, checked(Array.Length * 2)));
        Array.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(Array);
        _array = larger;
    }
}
