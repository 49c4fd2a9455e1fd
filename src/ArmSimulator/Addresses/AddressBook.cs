using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Addresses;

/// <summary>Addresses by NIC with a version, and those who wait for the next one.</summary>
internal sealed class AddressBook(World world)
{
    private TaskCompletionSource? _change;
    private bool _dirty;
    private AddressSnapshot? _snapshot;

    public long Version { get; private set; } = 1;

    public AddressSnapshot Snapshot => _snapshot ??= Build();

    public void Changed()
    {
        Version++;
        _snapshot = null;
        _dirty = true;
    }

    /// <summary>Ends with the next change. All who wait share it, so that waits that were given up leave nothing behind.</summary>
    public Task NextChange() => (_change ??= new TaskCompletionSource()).Task;

    /// <summary>What to complete, outside the lock, once a change is committed; null when nobody waits.</summary>
    public TaskCompletionSource? TakeWaiters()
    {
        if (!_dirty)
            return null;
        _dirty = false;
        var change = _change;
        _change = null;
        return change;
    }

    private AddressSnapshot Build()
    {
        var entries = new List<AddressEntry>();
        foreach (var nic in world.Nics.Values)
        {
            var vm = nic.Vm is null ? null : world.Vms.GetValueOrDefault(nic.Vm)?.Id.ToString();
            foreach (var c in nic.Configurations)
                entries.Add(new AddressEntry(Ipv4.Format(c.Address), nic.Id.ToString(), nic.Mac, vm, c.Name, c.Primary, nic.State));
        }

        return new AddressSnapshot(Version, entries);
    }
}
