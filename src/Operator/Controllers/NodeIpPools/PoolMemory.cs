using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>What this process remembers of a pool. Nothing here is needed for safety: a new process starts without it.</summary>
internal sealed class PoolMemory
{
    /// <summary>When this process first worked on it; null = not yet.</summary>
    public long? SeenAt { get; set; }

    /// <summary>Where its interface is; null = to be found (again).</summary>
    public NodeBinding? Binding { get; set; }

    /// <summary>When <see cref="Binding"/> was found.</summary>
    public long BoundAt { get; set; }

    /// <summary>Generation of the spec that <see cref="Binding"/> was found for.</summary>
    public long? BoundGeneration { get; set; }

    /// <summary>Whether <see cref="Binding"/> is to be found by reads of its own, since what it was found by may be of the past.</summary>
    public bool BindsAfresh { get; set; }

    /// <summary>What the status and the interface said when <see cref="Binding"/> was last found afresh; empty = never.</summary>
    public string BoundAgainst { get; set; } = string.Empty;

    /// <summary>Which ranges of the virtual network the pool publishes, see <see cref="VirtualNetworks.Ledger.RangesVersion"/>; 0 = those of <see cref="Binding"/>.</summary>
    public long RangesVersion { get; set; }

    /// <summary>What the pool looked like when nothing was to do; empty = not at rest.</summary>
    public string RestKey { get; set; } = string.Empty;

    /// <summary>Whether pods waited then, of a pool that is at no limit.</summary>
    public bool RestedWaiting { get; set; }

    /// <summary>When the pool came to rest.</summary>
    public long RestedAt { get; set; }

    /// <summary>ETag of the interface that was read before the pool came to rest; empty = none.</summary>
    public string RestEtag { get; set; } = string.Empty;

    /// <summary>Faults in a row.</summary>
    public int Failures { get; set; }

    /// <summary>Refusals for a missing right in a row.</summary>
    public int Forbidden { get; set; }

    /// <summary>Nothing is tried for this pool meanwhile, unless its spec changes; null = no pause.</summary>
    public PoolPause? Pause { get; set; }

    /// <summary>An operation runs: it is not looked at before this is over, whatever wakes the pool; null = no wait.</summary>
    public (long Since, TimeSpan For)? Look { get; set; }

    /// <summary>When it may prepare a write, and whether pods waited when it was told so; null = it was told nothing, or its time has come.</summary>
    public (long Since, TimeSpan For, bool Starves)? Turn { get; set; }

    /// <summary>Why nothing is added for now; null = no reason.</summary>
    public GrowthFault? Growth { get; set; }

    /// <summary>The PUT that is under way, as far as this process sent it.</summary>
    public SentPut? Sent { get; set; }

    /// <summary>The agent's last report.</summary>
    public string Report { get; set; } = string.Empty;

    /// <summary>When <see cref="Report"/> was first seen.</summary>
    public long ReportSeenAt { get; set; }

    /// <summary>Operations that failed in a row, and when the last one did: an interface that they left behind is not repaired at once.</summary>
    public (int Times, long Since) FailedOperations { get; set; }

    /// <summary>When the interface that the last failed operation left behind is repaired, as it was told; null = not told.</summary>
    public DateTimeOffset? RepairAt { get; set; }

    /// <summary>Exchanges with ARM in a row that came to no answer, and when the first one did.</summary>
    public (int Times, DateTimeOffset Since) Silence { get; set; }

    /// <summary>How often in a row somebody else was first.</summary>
    public int Conflicts { get; set; }

    /// <summary>ETags under which the interface is written, as they were seen.</summary>
    public EtagHistory Etags { get; } = new();

    /// <summary>ETags of the interface itself, where it is written through its VM.</summary>
    public EtagHistory Observed { get; } = new();

    /// <summary>When what was sent was first seen not to have happened; null = not seen.</summary>
    public long? MissedSince { get; set; }

    /// <summary>ETag under which a write was accepted that did nothing; empty = none.</summary>
    public string IneffectiveUnder { get; set; } = string.Empty;

    /// <summary>How often in a row the virtual network's budget granted nothing.</summary>
    public int Refusals { get; set; }

    /// <summary>Addresses that somebody else took off the interface.</summary>
    public RemovedAddresses Removed { get; } = new();

    /// <summary>What somebody else changed on the interface and is being put right; null = nothing.</summary>
    public string? Drift { get; set; }

    /// <summary>Whether a fault has been told that is not over.</summary>
    public bool Faulty { get; set; }
}

/// <summary>A pause of one pool.</summary>
internal sealed record PoolPause(long Since, TimeSpan For, long Generation);

/// <summary>ARM refused to add addresses; releases go on.</summary>
/// <param name="Error">What it said.</param>
/// <param name="Times">How often in a row.</param>
/// <param name="Since">When it said so last.</param>
/// <param name="Wait">How long nothing is added.</param>
internal sealed record GrowthFault(ArmError Error, int Times, long Since, TimeSpan Wait);

/// <summary>A PUT that ARM accepted.</summary>
/// <param name="Added">Names that it adds.</param>
/// <param name="Removed">Names that it takes off.</param>
/// <param name="IfMatch">Its If-Match.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="CorrelationId">For people who ask Azure support.</param>
internal sealed record SentPut(IReadOnlyCollection<string> Added, IReadOnlyCollection<string> Removed, string IfMatch, long SentAt, string? CorrelationId)
{
    /// <summary>Whether it is known what came of it.</summary>
    public bool IsJudged { get; init; }

    /// <summary>Addresses that it was to bring back.</summary>
    public ImmutableArray<IpAddress> PutBack { get; init; } = [];
}
