namespace Vnetcni.NodeAgent.Cri;

/// <summary>Where the container runtime listens.</summary>
/// <param name="configured">A path, <c>none</c>, or empty for the first of <see cref="Usual"/> that is there.</param>
/// <param name="exists">Whether there is something at a path.</param>
internal sealed class CriSocket(string configured, Func<string, bool> exists)
{
    /// <summary>Where containerd, CRI-O and cri-dockerd listen if nobody says otherwise.</summary>
    public static IReadOnlyList<string> Usual { get; } =
        ["/run/containerd/containerd.sock", "/run/crio/crio.sock", "/var/run/cri-dockerd.sock"];

    /// <summary>Of the option that asks none.</summary>
    public const string None = "none";

    /// <summary>The socket, once <see cref="Find"/> has found it; else empty.</summary>
    public string Path { get; private set; } = string.Empty;

    /// <summary>For people: why there is none.</summary>
    public string Absence => configured == None ? "switched off by --cri-socket none" : $"there is no socket at {string.Join(", ", Usual)}";

    /// <summary>Looks. A path that was configured counts as found, there or not: nothing may be concluded from its absence.</summary>
    public bool Find()
    {
        if (Path.Length == 0 && configured != None)
            Path = configured.Length > 0 ? Trim(configured) : Usual.FirstOrDefault(exists) ?? string.Empty;
        return Path.Length > 0;
    }

    private static string Trim(string text) => text.StartsWith("unix://", StringComparison.Ordinal) ? text["unix://".Length..] : text;
}
