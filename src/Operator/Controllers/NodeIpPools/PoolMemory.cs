using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>What this process remembers of a pool. Nothing here is needed for safety: a new process starts without it.</summary>
internal sealed class PoolMemory
{
    /// <summary>Where its interface is; null = to be found (again).</summary>
    public NodeBinding? Binding { get; set; }

    /// <summary>When <see cref="Binding"/> was found.</summary>
    public long BoundAt { get; set; }

    /// <summary>Generation of the spec that <see cref="Binding"/> was found for.</summary>
    public long? BoundGeneration { get; set; }

    /// <summary>What the pool looked like when nothing was to do; empty = not at rest.</summary>
    public string RestKey { get; set; } = string.Empty;

    /// <summary>When the pool came to rest.</summary>
    public long RestedAt { get; set; }

    /// <summary>Faults in a row.</summary>
    public int Failures { get; set; }

    /// <summary>Nothing is tried for this pool meanwhile, unless its spec changes; null = no pause.</summary>
    public PoolPause? Pause { get; set; }

    /// <summary>An operation runs: it is not looked at before this is over, whatever wakes the pool; null = no wait.</summary>
    public (long Since, TimeSpan For)? Look { get; set; }

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

    /// <summary>How often in a row somebody else was first.</summary>
    public int Conflicts { get; set; }

    /// <summary>ETags of the interface in the order in which they were seen.</summary>
    public List<string> Etags { get; } = [];

    /// <summary>
    /// Notes the ETag of a read. False when the interface has moved on since: an ETag never comes back, so this read shows the past.
    /// </summary>
    public bool IsNewest(string etag)
    {
        const int kept = 32;
        var at = Etags.LastIndexOf(etag);
        if (at >= 0)
            return at == Etags.Count - 1;
        if (Etags.Count == kept)
            Etags.RemoveAt(0);
        Etags.Add(etag);
        return true;
    }

    /// <summary>How often in a row the virtual network's budget granted nothing.</summary>
    public int Refusals { get; set; }

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
internal sealed record SentPut(int Add, int Remove, long SentAt, string? CorrelationId);
