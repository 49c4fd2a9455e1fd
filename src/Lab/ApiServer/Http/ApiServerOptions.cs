using System.Net;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Settings of a <see cref="KubeApiServer"/>.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Names and addresses that the certificate is good for, besides localhost and <see cref="Address"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Changes that a watch can go back.</summary>
    public int HistoryWindow { get; init; } = 10_000;

    /// <summary>How long a watch without <c>timeoutSeconds</c> lasts.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often a watch that asked for bookmarks gets one.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Its clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets a line per fault of the server itself; null drops them.</summary>
    public Action<string>? Log { get; init; }
}
