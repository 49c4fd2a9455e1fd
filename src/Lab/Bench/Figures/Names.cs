namespace Vnetcni.Lab.Bench.Figures;

/// <summary>Names of candidates and paths, as tables and JSON show them.</summary>
internal static class Names
{
    /// <summary>Ours.</summary>
    public const string Ours = "vnetcni";

    /// <summary>The peer of the gates.</summary>
    public const string Bridge = "bridge+host-local";

    /// <summary>The other peer.</summary>
    public const string PointToPoint = "ptp+host-local";

    /// <summary>The limit: static C and the kernel.</summary>
    public const string Floor = "floor (static C)";

    /// <summary>From node to node without pods.</summary>
    public const string Host = "host network";

    /// <summary>Pods on plain bridges: nothing is translated, and no connection tracked.</summary>
    public const string PlainBridge = "bridge";

    /// <summary>Pods on bridges as a node has them, where what leaves it is translated.</summary>
    public const string NodeBridge = "bridge, ipMasq";

    /// <summary>Pods of ours where nothing is translated. What is closed to pods is, so connections are tracked.</summary>
    public const string Untranslated = "vnetcni, snat Disabled";

    /// <summary>Pods of ours as a node has them.</summary>
    public const string Transparent = "vnetcni transparent";

    /// <summary>Marks a peer of the other version.</summary>
    public static string Newer(string candidate) => $"{candidate} (newer)";
}
