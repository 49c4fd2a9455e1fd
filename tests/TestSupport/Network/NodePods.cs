namespace Vnetcni.TestSupport.Network;

/// <summary>What is on a node on purpose when <see cref="NodeLeaks"/> looks.</summary>
public sealed record NodePods
{
    /// <summary>An empty node.</summary>
    public static NodePods None { get; } = new();

    /// <summary>Aliases of the host ends of pods that are attached.</summary>
    public IReadOnlyCollection<string> Attached { get; init; } = [];

    /// <summary>Aliases of the stand-ins for pods of other plug-ins.</summary>
    public IReadOnlyCollection<string> StandIns { get; init; } = [];

    /// <summary>Unreachable routes of ours: one for each address that the node holds and that no stand-in is for. Null: not looked at.</summary>
    public int? UnreachableRoutes { get; init; }

    /// <summary>Which links, and what hangs on them, are other plug-ins' and nothing of ours.</summary>
    public Func<string, bool> IsForeign { get; init; } = _ => false;

    /// <summary>Tables of nftables that may be there, such as <c>ip vnetcni</c>; those of other plug-ins stay for good.</summary>
    public IReadOnlyCollection<string> Tables { get; init; } = [];

    /// <summary>Records of the ledger, each <c>address=State</c>; null: not looked at.</summary>
    public IReadOnlyCollection<string>? Ledger { get; init; }

    /// <summary>The agent's process; it must not hold a pod's namespace open. Null: not looked at.</summary>
    public int? Agent { get; init; }

    /// <summary>The agent's run folder: no record of a DEL and no half-written file may be left in it. Null: not looked at.</summary>
    public string? RunFolder { get; init; }
}
