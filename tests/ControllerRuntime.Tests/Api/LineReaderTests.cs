using System.Text;
using CsCheck;
using Vnetcni.ControllerRuntime.Api;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Api;

public sealed class LineReaderTests
{
    [Fact]
    public void Lines_come_out_as_they_went_in_however_the_stream_is_cut()
    {
        Gen.Select(Gen.Byte[1, 255].Array[0, 40].Array[0, 30], Gen.Int[1, 17]).Sample((lines, chunk) =>
        {
            var clean = lines.Select(l => l.Where(b => b != '\n').ToArray()).ToArray();
            var bytes = clean.SelectMany(l => l.Append((byte)'\n')).ToArray();
            var expected = clean.Where(l => l.Length > 0 && !(l.Length == 1 && l[0] == '\r')).Select(Convert.ToHexString);
            Assert.Equal(expected, ReadAll(new ChunkedStream(bytes, chunk), 64).Select(Convert.ToHexString));
        });
    }

    [Fact]
    public void A_line_of_the_limit_passes_and_one_byte_more_does_not()
    {
        foreach (var length in new[] { 100, 16 << 10, 100_000 })
        {
            var bytes = Encoding.ASCII.GetBytes(new string('x', length) + "\n");
            Assert.Equal(length, Assert.Single(ReadAll(new ChunkedStream(bytes, 7000), length)).Length);
            Assert.Throws<InvalidDataException>(() => ReadAll(new ChunkedStream(bytes, 7000), length - 1));
        }
    }

    [Fact]
    public void An_endless_line_is_refused_with_bounded_memory()
    {
        var reader = new LineReader(new EndlessStream(), 1 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
    }

    [Fact]
    public void A_stream_that_ends_within_a_line_is_a_lost_connection() =>
        Assert.Throws<IOException>(() => ReadAll(new ChunkedStream("whole\nhalf"u8.ToArray(), 100), 64));

    private static List<byte[]> ReadAll(Stream stream, int limit)
    {
        var reader = new LineReader(stream, limit);
        var lines = new List<byte[]>();
        while (reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } line)
            lines.Add(line.ToArray());
        return lines;
    }

    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer.Length > chunk ? buffer[..chunk] : buffer, cancellationToken);
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
