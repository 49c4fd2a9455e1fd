using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;

namespace Vnetcni.NodeAgent.Pool.File;

/// <summary>Reads the pool from a file, again whenever it changes. A file that can't be read leaves the last pool in effect.</summary>
internal sealed partial class FilePoolSource(string path, TimeProvider time, ILogger logger) : IPoolSource
{
    /// <summary>How often the file is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private string _lastFault = string.Empty;
    private byte[]? _published;

    /// <inheritdoc/>
    public async Task RunAsync(NodePool pool, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await RoundAsync(pool, cancellationToken);
                _lastFault = string.Empty;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or DataplaneException or CniException)
            {
                if (e.Message != _lastFault)
                    Failed(logger, e.Message);
                _lastFault = e.Message;
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private async Task RoundAsync(NodePool pool, CancellationToken cancellationToken)
    {
        var content = Read();
        var hash = SHA256.HashData(content);
        if (_published is not null && hash.AsSpan().SequenceEqual(_published))
            return;
        var snapshot = PoolFile.Parse(content, path);
        await pool.PublishAsync(snapshot, cancellationToken);
        await pool.PlanAsync(default, mayRelease: false, cancellationToken);
        _published = hash;
        Published(logger, path, snapshot.Publication.Addresses.Count);
    }

    private byte[] Read()
    {
        using var file = System.IO.File.OpenHandle(path);
        var buffer = new byte[PoolFile.MaxBytes + 1];
        var length = RandomAccess.Read(file, buffer, 0);
        return length > PoolFile.MaxBytes ? throw new FormatException($"{path} is larger than {PoolFile.MaxBytes} bytes") : buffer[..length];
    }

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "The pool file is not taken in: {Fault}. The last pool stays in effect")]
    private static partial void Failed(ILogger logger, string fault);

    [LoggerMessage(EventId = 202, Level = LogLevel.Information, Message = "Pool file {Path} read: {Count} addresses")]
    private static partial void Published(ILogger logger, string path, int count);
}
