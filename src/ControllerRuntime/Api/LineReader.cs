namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Reads a stream line by line, of a bounded length. Not for concurrent use.</summary>
/// <param name="stream">What is read; not disposed of here.</param>
/// <param name="maxLineBytes">The longest line accepted, its line feed not counted.</param>
internal sealed class LineReader(Stream stream, int maxLineBytes)
{
    private const int FirstBuffer = 16 << 10;
    private byte[] buffer = new byte[Math.Min(FirstBuffer, maxLineBytes + 1)];
    private int start;
    private int scanned;
    private int end;

    /// <summary>
    /// The next line that is not empty, or null at the end. It is valid until the next call. Throws
    /// <see cref="InvalidDataException"/> for a line that is too long and <see cref="IOException"/> for a stream that ends
    /// within a line.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var feed = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var line = buffer.AsMemory(start, scanned + feed - start);
                start = scanned = scanned + feed + 1;
                if (line.Length > 0 && !(line.Length == 1 && line.Span[0] == '\r'))
                    return line;
                continue;
            }

            scanned = end;
            if (end - start > maxLineBytes)
                throw new InvalidDataException($"a line is longer than {maxLineBytes} bytes");
            MakeRoom();
            var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0)
                return end == start ? null : throw new IOException($"the stream ended within a line, after {end - start} bytes of it");
            end += read;
        }
    }

    private void MakeRoom()
    {
        if (end < buffer.Length)
            return;
        var target = buffer;
        if (start == 0)
            target = new byte[(int)Math.Min(buffer.Length * 2L, maxLineBytes + 1L)];
        buffer.AsSpan(start, end - start).CopyTo(target);
        (scanned, end, start, buffer) = (scanned - start, end - start, 0, target);
    }
}
