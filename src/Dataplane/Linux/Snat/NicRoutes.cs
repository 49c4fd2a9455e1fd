using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Snat;

/// <summary>
/// One rule and one route table for each secondary NIC, chosen by the mark of its pods' packets, and one rule before them: whatever the mark, routes to single
/// addresses (the node's pods) are the main table's. Never a rule for each pod: 500 of them halve a node's packets.
/// </summary>
internal static class NicRoutes
{
    private const uint PodsFirst = 11800;
    private const uint ByMark = 11801;
    private const int BytesPerMessage = 96;

    /// <summary>Makes what is missing. Without marks it changes nothing for any packet: so it comes before the table with the marks.</summary>
    public static void Add(NetlinkSocket route, IReadOnlyList<SecondaryNic> nics)
    {
        if (nics.Count == 0)
            return;
        var rules = route.OurRules();
        var routes = route.OurDefaultRoutes();
        foreach (var nic in nics.Where(nic => !routes.Any(found => IsOf(found, nic))))
            Send(route, (ref NetlinkWriter writer) => writer.NewDefaultRoute(nic.Gateway, nic.Index, nic.Table), $"the default route of {nic.Name} by {nic.Gateway}, table {nic.Table}");
        foreach (var rule in Rules(nics).Except(rules))
            Send(route, (ref NetlinkWriter writer) => writer.NewRule(rule), $"the rule to table {rule.Table}", Errno.Exists);
    }

    /// <summary>
    /// Takes away what is not wanted: after the table with the marks. Routes first: while there is a rule of ours, there may be routes. Without one they are looked for
    /// only when <paramref name="thorough"/>, after somebody else may have taken the rules.
    /// </summary>
    public static void RemoveOthers(NetlinkSocket route, IReadOnlyList<SecondaryNic> nics, bool thorough)
    {
        var rules = route.OurRules();
        if (rules.Count == 0 && !thorough)
            return;
        foreach (var found in Superfluous(route, nics))
            Send(route, (ref NetlinkWriter writer) => writer.DeleteDefaultRoute(found.Table), $"deleting the default route of table {found.Table}", Errno.NoProcess);
        foreach (var rule in rules.Except(Rules(nics)))
            Send(route, (ref NetlinkWriter writer) => writer.DeleteRule(rule), $"deleting the rule to table {rule.Table}", Errno.NoEntry);
    }

    /// <summary>What is missing or too much, one sentence each.</summary>
    public static IEnumerable<string> Faults(NetlinkSocket route, IReadOnlyList<SecondaryNic> nics)
    {
        var rules = route.OurRules();
        var wanted = Rules(nics).ToArray();
        foreach (var rule in wanted.Except(rules))
            yield return $"the rule to table {rule.Table} is gone";
        foreach (var rule in rules.Except(wanted))
            yield return $"a rule of ours leads to table {rule.Table}, and none is wanted";
        if (nics.Count == 0 && rules.Count == 0)
            yield break;
        var routes = route.OurDefaultRoutes();
        foreach (var nic in nics.Where(nic => !routes.Any(found => IsOf(found, nic))))
            yield return $"the default route of {nic.Name} by {nic.Gateway} is gone";
    }

    private static IEnumerable<RoutingRule> Rules(IReadOnlyList<SecondaryNic> nics)
    {
        if (nics.Count > 0)
            yield return new RoutingRule(PodsFirst, 0, SecondaryNic.MarkMask, Inverted: true, RouteAttribute.TableMain, ShortestPrefix: 32);
        foreach (var nic in nics)
            yield return new RoutingRule(ByMark, nic.Mark, SecondaryNic.MarkMask, Inverted: false, nic.Table);
    }

    private static IEnumerable<Route> Superfluous(NetlinkSocket route, IReadOnlyList<SecondaryNic> nics) =>
        route.OurDefaultRoutes().Where(found => SecondaryNic.IsTable(found.Table) && !nics.Any(nic => IsOf(found, nic)));

    private static bool IsOf(Route route, SecondaryNic nic) =>
        route.Table == nic.Table && route.OutInterface == nic.Index && nic.Gateway.Equals(route.Gateway);

    private static void Send(NetlinkSocket route, NetlinkQuestion write, string what, int pardoned = 0)
    {
        var writer = route.Write(stackalloc byte[BytesPerMessage]);
        write(ref writer);
        if (route.Send(writer) is [var refusal, ..] && refusal.Errno != pardoned)
            throw refusal.ToException($"{what} (is the NIC up?)");
    }
}
