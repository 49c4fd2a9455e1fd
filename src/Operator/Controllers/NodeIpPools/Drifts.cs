using System.Globalization;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.Planning;
using Vnetcni.Operator.Controllers.Nodes;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Changes of an interface's ipConfigurations that are ours by somebody else, in words.</summary>
internal static class Drifts
{
    private const int MaxNamed = 8;

    /// <summary>The interface is not as the list says, and no reservation of ours explains it. Null when nothing is there that should not be.</summary>
    public static string? Of(PoolRun run)
    {
        var listed = run.Snapshot.Addresses.DistinctBy(static a => a.Address).ToDictionary(static a => a.Address, static a => a.Slot);
        var owned = run.NicSnapshot.Owned;
        var there = owned.Select(static a => a.Address).ToHashSet();
        List<string> parts = [];
        Add(parts, "added", owned.Where(a => !listed.ContainsKey(a.Address)).Select(static a => $"{a.Slot} ({a.Address})"));
        Add(parts, "removed", listed.Where(l => !there.Contains(l.Key)).Select(static l => $"{l.Value} ({l.Key})"));
        Add(parts, "renamed", owned.Where(a => listed.TryGetValue(a.Address, out var slot) && !PoolPlanner.IsSameSlot(slot, a.Slot)).Select(a => $"{listed[a.Address]} to {a.Slot}"));
        // What a failed operation of our own left unconfirmed is nobody else's doing.
        if (parts.Count == 0)
            return null;
        var next = run.Nic is { IsOfScaleSet: false } && run.Snapshot.Addresses.Any(a => !a.Releasing && !there.Contains(a.Address))
            ? "what pods may hold is put back, and the list follows what is there"
            : "the list follows what is there";
        return $"somebody else {string.Join("; ", parts)} on interface {run.Binding.Nic.Name}; {next}";
    }

    /// <summary>Pods hold addresses that the interface does not carry: only making them anew helps. Null when there are none.</summary>
    public static string? OfUse(OperatorContext context, NodeIpPool pool, int held)
    {
        var node = context.Nodes.Get(new ObjectKey(pool.Metadata.Name));
        if (pool.Status?.Usage is not { InUse: { } used } usage || !NodeReadiness.IsReportOf(node, pool))
            return null;
        // What has just been put back is the agent's to take off its report.
        var listed = Snapshots.Addresses(pool.Status).Select(static a => a.Address).ToHashSet();
        var missing = Snapshots.Parse(usage.Missing).Except(listed).Order().Select(static a => a.ToString()).ToArray();
        if (missing.Length > 0)
        {
            List<string> parts = [];
            Add(parts, "pods hold", missing);
            return $"{parts[0]}, which the interface does not carry: somebody else removed what is in use, and it can't be put back; delete the pods that lost their network, so that they get another address";
        }

        if (used <= held)
            return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"pods hold {used} addresses and the interface carries {held}: somebody else removed {used - held} that are in use; delete the pods that lost their network, so that they get another address");
    }

    private static void Add(List<string> parts, string verb, IEnumerable<string> names)
    {
        var all = names.ToArray();
        if (all.Length == 0)
            return;
        var more = all.Length > MaxNamed ? string.Create(CultureInfo.InvariantCulture, $" and {all.Length - MaxNamed} more") : string.Empty;
        parts.Add($"{verb} {string.Join(", ", all.Take(MaxNamed))}{more}");
    }
}
