using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Network;

namespace Vnetcni.ArmSimulator.Invariants;

/// <summary>
/// Checks every commit against a picture of its own, read from the committed JSON and not from the simulator's books,
/// so that a mistake in those shows here.
/// </summary>
internal sealed class InvariantChecker(World world, SimSettings settings, TimeProvider time)
{
    private const int MostKept = 1_000;

    private readonly Picture _picture = new();
    private readonly CommitLog _log = new();
    private readonly List<Violation> _violations = [];
    private long _number;

    /// <summary>Number of commits seen.</summary>
    public long Commits { get; private set; }

    /// <summary>The first breaches in order (later ones say little new); replays the commit log first.</summary>
    public IReadOnlyList<Violation> Check()
    {
        foreach (var (nic, message) in _log.Compare(world))
            Report("Replay", nic, message);
        return [.. _violations];
    }

    public void Committed(Nic nic, IReadOnlyList<IpConfiguration> old, JsonObject? before, bool byForeigner)
    {
        Commits++;
        _log.Add(nic.Key, old, nic.Configurations);
        var after = Json.ParseObject(nic.Body);
        var configurations = Picture.Read(after);
        CheckNic(nic, after, configurations);

        foreach (var (address, owner) in _picture.Replace(nic.Key, VnetKey(nic), nic.Vm, configurations))
            Report("AddressTwice", nic.Id.ToString(), $"{Ipv4.Format(address)} is held by {owner} too.");
        CheckSums(nic);
        if (before is not null && !byForeigner)
        {
            foreach (var (invariant, message) in WriterRules.Check(before, after, settings.OwnedPrefix))
                Report(invariant, nic.Id.ToString(), message);
        }
    }

    /// <summary>A client wrote the model of a scale set's VM.</summary>
    public void CommittedModel(string vm, JsonObject before, JsonObject after)
    {
        foreach (var (invariant, message) in ModelRules.Check(before, after, settings.OwnedPrefix))
            Report(invariant, vm, message);
    }

    public void Removed(Nic nic, bool byForeigner)
    {
        if (!byForeigner)
            Report("ForeignTouched", nic.Id.ToString(), "The interface was deleted; its primary ipConfiguration is not the client's.");
        Commits++;
        _log.Add(nic.Key, nic.Configurations, []);
        _picture.Remove(nic.Key, VnetKey(nic));
    }

    private static string VnetKey(Nic nic) => nic.Subnet.Id.Parent.Key;

    private void CheckNic(Nic nic, JsonObject after, List<Picture.Configuration> configurations)
    {
        var id = nic.Id.ToString();
        if (configurations.Count > settings.MaxAddressesPerNic)
            Report("NicLimit", id, $"{configurations.Count} ipConfigurations.");
        var primaries = configurations.FindAll(static c => c.Primary).Count;
        if (primaries != 1 || !configurations[0].Primary)
            Report("OnePrimary", id, $"{primaries} primary ipConfigurations; the first listed must be the one.");
        foreach (var c in configurations)
        {
            if (c.SubnetKey != configurations[0].SubnetKey)
                Report("OneSubnet", id, $"{c.Name} is in another subnet than {configurations[0].Name}.");
            if (!c.Groups.SetEquals(configurations[0].Groups))
                Report("EqualGroups", id, $"{c.Name} has other application security groups than {configurations[0].Name}.");
            if (c.Etag != after.String("etag"))
                Report("EqualEtags", id, $"{c.Name} has another etag than its NIC.");
        }
    }

    private void CheckSums(Nic nic)
    {
        if (nic.Vm is not null && _picture.CountOfVm(nic.Vm) is var ofVm && ofVm > settings.MaxAddressesPerVm)
            Report("VmLimit", nic.Vm, $"{ofVm} addresses.");
        if (_picture.CountOfVnet(VnetKey(nic)) is var ofVnet && ofVnet > settings.MaxAddressesPerVnet)
            Report("VnetLimit", VnetKey(nic), $"{ofVnet} addresses.");
        if (_picture.CountOfSubnet(nic.Subnet.Key) is var ofSubnet && ofSubnet > nic.Subnet.Capacity)
            Report("SubnetCapacity", nic.Subnet.Key, $"{ofSubnet} addresses in {nic.Subnet.Prefix}.");
    }

    private void Report(string invariant, string resource, string message)
    {
        _number++;
        if (_violations.Count < MostKept)
            _violations.Add(new Violation(_number, time.GetUtcNow(), invariant, resource, message));
    }
}
