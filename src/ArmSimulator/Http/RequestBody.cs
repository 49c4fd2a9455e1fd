using Microsoft.AspNetCore.Http;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>Reads a body up to a limit.</summary>
internal static class RequestBody
{
    /// <summary>The body; when it is longer than the limit, its first limit + 1 bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while (bytes.Length <= limit && (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
            bytes.Write(buffer, 0, (int)Math.Min(read, limit + 1 - bytes.Length));
        return bytes.ToArray();
    }
}
