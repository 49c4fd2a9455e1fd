using Vnetcni.Api.Settings;
using Vnetcni.ArmSimulator.Core;

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

    public FaultRates Faults { get; init; } = FaultRates.Rough;

    /// <summary>How long pods come and go and faults happen.</summary>
    public TimeSpan Rough { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>After that: the time until everything has to be in order.</summary>
    public TimeSpan Healing { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A world drawn from a seed: each has other limits and another Azure.</summary>
    public static SimOptions Of(int seed)
    {
        var random = new Random(seed);
        var plain = new SimOptions();
        // More pods than a node, than the virtual network, or than the subnet may have addresses.
        var (tight, starved, small) = (random.Next(4) == 0, random.Next(3) == 0, random.Next(4) == 0);
        return plain with
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
        };
    }
}
