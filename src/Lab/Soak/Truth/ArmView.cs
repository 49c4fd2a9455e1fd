namespace Vnetcni.Lab.Soak.Truth;

/// <summary>What ARM says of an address.</summary>
internal enum ArmStanding
{
    /// <summary>On that NIC, and the change that brought it there succeeded.</summary>
    Confirmed,

    /// <summary>On that NIC, but the change that brought it is not through, or failed.</summary>
    Unconfirmed,

    /// <summary>On another NIC, or on none.</summary>
    Elsewhere,
}

/// <summary>An address on a NIC, as the ARM simulator lists it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Mac">The NIC's MAC, lower case with colons.</param>
/// <param name="Name">Name of the ipConfiguration.</param>
/// <param name="Primary">The NIC's own address.</param>
/// <param name="State">The NIC's provisioning state.</param>
internal sealed record ArmAddress(string Address, string Mac, string Name, bool Primary, string State);

/// <summary>
/// Follows ARM's addresses. An address is confirmed once its NIC was seen Succeeded with it; a later change of the NIC does not take that
/// back. May be used from any thread.
/// </summary>
internal sealed class ArmView
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Address, string Mac), bool> _confirmed = [];

    /// <summary>Version of the newest list taken in.</summary>
    public long Version { get; private set; }

    /// <summary>Takes in a list; an older one than the newest changes nothing.</summary>
    public void Apply(long version, IReadOnlyList<ArmAddress> addresses)
    {
        lock (_gate)
        {
            if (version <= Version)
                return;
            // Between two versions that do not follow each other a success may have come and gone.
            var gap = version > Version + 1;
            Version = version;
            var now = addresses.ToDictionary(a => (a.Address, a.Mac), a => a.State == "Succeeded");
            foreach (var gone in _confirmed.Keys.Where(key => !now.ContainsKey(key)).ToArray())
                _confirmed.Remove(gone);
            foreach (var (key, succeeded) in now)
                _confirmed[key] = succeeded || (_confirmed.TryGetValue(key, out var before) && (before || gap));
        }
    }

    /// <summary>How an address stands on a NIC.</summary>
    public ArmStanding Of(string address, string mac)
    {
        lock (_gate)
        {
            return _confirmed.TryGetValue((address, mac), out var confirmed)
                ? confirmed ? ArmStanding.Confirmed : ArmStanding.Unconfirmed
                : ArmStanding.Elsewhere;
        }
    }
}
