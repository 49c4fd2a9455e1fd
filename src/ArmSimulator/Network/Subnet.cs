using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>A subnet and who holds which of its addresses. Azure keeps the first four and the last for itself.</summary>
internal sealed class Subnet(ResourceId id, Ipv4Prefix prefix)
{
    public const int ReservedAddresses = 5;

    private readonly SortedDictionary<uint, string> _owners = [];
    private uint _lowestHint = prefix.First;
    private uint _next = prefix.First;

    public ResourceId Id { get; } = id;

    public string Key { get; } = id.Key;

    public Ipv4Prefix Prefix { get; } = prefix;

    public string ProvisioningState { get; set; } = "Succeeded";

    /// <summary>Address → id of the ipConfiguration that holds it, in address order.</summary>
    public IReadOnlyDictionary<uint, string> Owners => _owners;

    public long Capacity => Math.Max(0, Prefix.Size - ReservedAddresses);

    public long Free => Capacity - _owners.Count;

    public string? OwnerOf(uint address) => _owners.GetValueOrDefault(address);

    public bool IsReserved(uint address) => address - Prefix.First < 4 || address == Prefix.Last;

    public void Take(uint address, string owner) => _owners.Add(address, owner);

    public void Release(uint address)
    {
        if (_owners.Remove(address) && address < _lowestHint)
            _lowestHint = address;
    }

    /// <summary>
    /// Picks an address that nobody holds, or that <paramref name="freed"/> names, and <paramref name="barred"/> does not; or null. It is not taken yet.
    /// </summary>
    public uint? Choose(AddressAssignment how, SimRandom random, HashSet<uint> barred, IReadOnlySet<uint> freed)
    {
        if (Free + freed.Count <= 0)
            return null;
        switch (how)
        {
            case AddressAssignment.RandomFree:
                return Scan(Prefix.First + random.NextBelow((uint)Math.Min(Prefix.Size, uint.MaxValue)), barred, freed);
            case AddressAssignment.NextFit:
                var next = Scan(_next, barred, freed);
                if (next is { } n)
                    _next = n == Prefix.Last ? Prefix.First : n + 1;
                return next;
            default:
                while (_lowestHint < Prefix.Last && (IsReserved(_lowestHint) || _owners.ContainsKey(_lowestHint)))
                    _lowestHint++;
                return Scan(freed.Count == 0 ? _lowestHint : Prefix.First, barred, freed);
        }
    }

    private uint? Scan(uint from, HashSet<uint> barred, IReadOnlySet<uint> freed)
    {
        var address = from;
        for (long i = 0; i < Prefix.Size; i++)
        {
            if (!IsReserved(address) && (!_owners.ContainsKey(address) || freed.Contains(address)) && !barred.Contains(address))
                return address;
            address = address == Prefix.Last ? Prefix.First : address + 1;
        }

        return null;
    }
}
