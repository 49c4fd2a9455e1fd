namespace Vnetcni.AgentProtocol;

/// <summary>The CNI versions that are spoken, oldest first.</summary>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#released-versions</remarks>
public static class CniVersions
{
    private static readonly string[] s_all = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    /// <summary>All of them, oldest first.</summary>
    public static IReadOnlyList<string> All => s_all;

    /// <summary>The newest.</summary>
    public static string Latest => s_all[^1];

    /// <summary>Whether that exact version is spoken.</summary>
    public static bool IsSupported(string version) => Array.IndexOf(s_all, version) >= 0;

    /// <summary>Whether a supported version is not older than another supported one.</summary>
    public static bool IsAtLeast(string version, string minimum) =>
        Array.IndexOf(s_all, version) >= Array.IndexOf(s_all, minimum);

    /// <summary>The version for an error's JSON: the one asked for where it is spoken, else the newest.</summary>
    public static string ForError(string? asked) => asked is not null && IsSupported(asked) ? asked : Latest;

    /// <summary>The oldest version that has the verb.</summary>
    public static string Introducing(CniCommand command) => command switch
    {
        CniCommand.Check => "0.4.0",
        CniCommand.Gc or CniCommand.Status => "1.1.0",
        _ => s_all[0],
    };
}
