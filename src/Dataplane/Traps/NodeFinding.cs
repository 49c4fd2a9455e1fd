namespace Vnetcni.Dataplane.Traps;

/// <summary>Something about a node that breaks pods' traffic, or will.</summary>
/// <param name="Code">One of <see cref="FindingCodes"/>.</param>
/// <param name="Breaks">It breaks traffic now; else it may.</param>
/// <param name="Cause">What is so, with numbers.</param>
/// <param name="NextStep">What to do about it.</param>
public sealed record NodeFinding(string Code, bool Breaks, string Cause, string NextStep);

/// <summary>Codes of findings.</summary>
public static class FindingCodes
{
    /// <summary>The node itself has addresses that are for pods.</summary>
    public const string PodAddressOnNode = "PodAddressOnNode";

    /// <summary>The NIC has more addresses than its own, and whose they are is not known yet.</summary>
    public const string SecondaryAddressOnNic = "SecondaryAddressOnNic";

    /// <summary>Forwarded packets are dropped unless a rule accepts them.</summary>
    public const string ForwardPolicyDrop = "ForwardPolicyDrop";

    /// <summary>The policy of the older iptables is not known.</summary>
    public const string ForwardPolicyUnknown = "ForwardPolicyUnknown";

    /// <summary>Packets are dropped that come by another NIC than the one that leads back.</summary>
    public const string ReversePathStrict = "ReversePathStrict";

    /// <summary>The kernel lacks a part.</summary>
    public const string KernelFeatureMissing = "KernelFeatureMissing";

    /// <summary>Pods' MTU is larger than the NIC's.</summary>
    public const string MtuAboveNic = "MtuAboveNic";

    /// <summary>The table of tracked connections is nearly full.</summary>
    public const string ConnectionTableFull = "ConnectionTableFull";
}
