using Vnetcni.Api.Settings;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.TestSupport.Azure;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>How a world is laid out.</summary>
internal sealed record SimOptions
{
    public int Nodes { get; init; } = 2;

    public int Operators { get; init; } = 2;

    /// <summary>False: every operator takes itself for the leader, all the time.</summary>
    public bool Elected { get; init; } = true;

    /// <summary>Pods that are wanted at once, at most.</summary>
    public int Pods { get; init; } = 24;

    /// <summary>The VirtualNetwork's podAddressLimit.</summary>
    public int VNetLimit { get; init; } = 16_000;

    public string Subnet { get; init; } = "10.0.0.0/24";

    public PoolSettings Pool { get; init; } = new()
    {
        MinFree = 2,
        MaxFree = 8,
        BatchSize = 4,
        MaxAddresses = 40,
        ReuseCooldown = "5s",
        ReleaseDelay = "20s",
    };

    public TimeSpan AddTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a pool at rest is compared with ARM.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromMinutes(2);

    public ConcurrentPutMode ConcurrentPut { get; init; }

    public AddressAssignment Assignment { get; init; }

    public FreedAddresses FreedAddresses { get; init; } = FreedAddresses.LastResort;

    /// <summary>What all nodes are; null = each kind in turn.</summary>
    public NodeKind? Kind { get; init; } = NodeKind.Standalone;

    /// <summary>When the interfaces of uniform nodes follow their models.</summary>
    public ModelFollowing ModelFollowing { get; init; }

    /// <summary>Whether an ETag moves once more when an operation ends.</summary>
    public bool EtagChangesOnCompletion { get; init; } = true;

    /// <summary>What the product is put together with.</summary>
    public SimBuild Build { get; init; } = new();

    /// <summary>Whether a status write without resourceVersion fails the run at once, before it can do harm.</summary>
    public bool JudgesWrites { get; init; } = true;

    /// <summary>A person made the pool of the first node.</summary>
    public bool OwnPool { get; init; }

    public FaultRates Faults { get; init; } = FaultRates.Rough;

    /// <summary>How long pods come and go and faults happen.</summary>
    public TimeSpan Rough { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>How often something befalls a machine, a network or an object, on average.</summary>
    public TimeSpan TroubleEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After that: the time until everything has to be in order.</summary>
    public TimeSpan Healing { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether neither the virtual network nor the subnet can run dry, whatever people put into them.</summary>
    public bool HasRoom => VNetLimit >= 250 * Nodes && Subnet.EndsWith("/24", StringComparison.Ordinal);

    /// <summary>What a node is.</summary>
    /// <param name="number">Its number, from 1.</param>
    public NodeKind KindOf(int number) => Kind ?? (NodeKind)((number - 1) % 3);

    /// <summary>A world drawn from a seed, and what its nodes are.</summary>
    public static SimOptions Of(int seed)
    {
        // A source of its own: the rest of the world stays what it was before there were kinds.
        var random = new Random(~seed);
        var kind = random.Next(4);
        var options = OfStandalone(seed) with
        {
            Kind = kind == 3 ? null : (NodeKind)kind,
            ModelFollowing = (ModelFollowing)random.Next(3),
            EtagChangesOnCompletion = random.Next(4) > 0,
            FreedAddresses = (FreedAddresses)random.Next(3),
        };
        return random.Next(4) == 0 ? options with { Faults = options.Faults with { KubeWriteTwice = 0.05, ArmWriteTwice = 0.05 } } : options;
    }

    /// <summary>A world of standalone VMs drawn from a seed: each has other limits and another Azure.</summary>
    public static SimOptions OfStandalone(int seed)
    {
        var random = new Random(seed);
        var plain = new SimOptions();
        // More pods than a node, than the virtual network, or than the subnet may have addresses.
        var (tight, starved, small) = (random.Next(4) == 0, random.Next(3) == 0, random.Next(4) == 0);
        var options = plain with
        {
            Pool = plain.Pool with
            {
                MaxAddresses = tight ? 10 : 40,
                MaxFree = random.Next(2) == 0 ? 6 : 8,
                BatchSize = random.Next(2) == 0 ? 1 : 4,
                ReleaseDelay = random.Next(2) == 0 ? "2s" : "20s",
            },
            VNetLimit = starved ? random.Next(16, 41) : 16_000,
            Subnet = small ? "10.0.0.0/27" : "10.0.0.0/24",
            ConcurrentPut = (ConcurrentPutMode)random.Next(3),
            Assignment = (AddressAssignment)random.Next(3),
            Pods = random.Next(tight || starved || small ? 18 : 8, 28),
            Elected = random.Next(6) > 0,
            OwnPool = random.Next(5) == 0,
            Nodes = random.Next(8) == 0 && !small && !starved ? 4 : random.Next(2) == 0 ? 3 : 2,
        };
        return random.Next(5) == 0 ? options.Releasing() : options;
    }

    /// <summary>Pools that grow and shrink all the time, agents that die, writes that come late: where the release handshake can go wrong.</summary>
    public SimOptions Releasing() => this with
    {
        Pool = Pool with { MinFree = 1, MaxFree = 2, BatchSize = 1, ReleaseDelay = "0s" },
        Faults = Faults with { KubeWriteLate = 0.3, KubeLateBy = 60, RebootsWriting = 0.06, WatchStalled = 0.1 },
        Nodes = 2,
        TroubleEvery = TimeSpan.FromMinutes(1),
    };
}
