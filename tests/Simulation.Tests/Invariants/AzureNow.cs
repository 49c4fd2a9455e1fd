using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.Simulation.Tests.World.Azure;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>Azure's addresses, looked up often and changed seldom.</summary>
internal sealed class AzureNow(SimCloud cloud)
{
    private readonly Dictionary<string, AddressEntry> byAddress = new(StringComparer.Ordinal);
    private AddressSnapshot? seen;

    public IReadOnlyList<AddressEntry> All => Fresh().Addresses;

    /// <summary>Version of what is known.</summary>
    public long Version => Fresh().Version;

    public AddressEntry? Find(string address)
    {
        Fresh();
        return byAddress.GetValueOrDefault(address);
    }

    private AddressSnapshot Fresh()
    {
        var now = cloud.Addresses;
        if (ReferenceEquals(now, seen))
            return now;
        seen = now;
        byAddress.Clear();
        foreach (var entry in now.Addresses)
            byAddress[entry.Address] = entry;
        return now;
    }
}
