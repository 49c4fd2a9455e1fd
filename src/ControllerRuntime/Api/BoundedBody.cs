namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Reads the body of an answer up to a limit.</summary>
internal static class BoundedBody
{
    /// <summary>The whole body. Throws <see cref="IOException"/> when it is longer than <paramref name="maxBytes"/>.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        var announced = content.Headers.ContentLength ?? 0;
        if (announced > maxBytes)
            throw new IOException($"the answer has {announced} bytes, more than {maxBytes}");
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var (body, complete) = await FillAsync(stream, maxBytes, (int)announced, cancellationToken);
        return complete ? body : throw new IOException($"the answer has more than {maxBytes} bytes");
    }

    /// <summary>At most <paramref name="maxBytes"/> of the body; the rest is left out.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadHeadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        return (await FillAsync(stream, maxBytes, 0, cancellationToken)).Body;
    }

    private static async Task<(ReadOnlyMemory<byte> Body, bool Complete)> FillAsync(
        Stream stream, int maxBytes, int announced, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(maxBytes, Math.Max(announced, 8 << 10)) + 1];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                return (buffer.AsMemory(0, length), true);
            length += read;
            if (length > maxBytes)
                return (buffer.AsMemory(0, maxBytes), false);
            if (length == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, maxBytes + 1L));
        }
    }
}
