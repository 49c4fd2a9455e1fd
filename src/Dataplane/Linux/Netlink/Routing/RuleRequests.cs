using System.Net;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>A rule that chooses a route table (<c>ip rule</c>). Ours have our protocol number (<c>ip rule show protocol 118</c>, since Linux 4.17).</summary>
/// <param name="Priority">Lower ones are asked first.</param>
/// <param name="Mark">What the packet's mark has to be.</param>
/// <param name="Mask">In these bits.</param>
/// <param name="Inverted">Or rather must not be.</param>
/// <param name="Table">The table.</param>
/// <param name="ShortestPrefix">Routes of fewer bits do not count; 0 = all count.</param>
internal readonly record struct RoutingRule(uint Priority, uint Mark, uint Mask, bool Inverted, uint Table, int ShortestPrefix = 0);

/// <summary>Rules, and routes in tables of ours. IPv4.</summary>
internal static class RuleRequests
{
    /// <summary>Makes a rule; EEXIST where there is one like it.</summary>
    public static void NewRule(this ref NetlinkWriter writer, RoutingRule rule) => writer.Rule(MessageType.NewRule, MessageFlags.Create | MessageFlags.Exclusive, rule);

    /// <summary>Deletes a rule.</summary>
    public static void DeleteRule(this ref NetlinkWriter writer, RoutingRule rule) => writer.Rule(MessageType.DeleteRule, 0, rule);

    /// <summary>A table's default route. The gateway need not be on a subnet of the link's: Azure answers for every address.</summary>
    public static void NewDefaultRoute(this ref NetlinkWriter writer, IPAddress gateway, int index, uint table)
    {
        writer.BeginChange(MessageType.NewRoute, MessageFlags.Create | MessageFlags.Replace, Default with { Type = RouteAttribute.TypeUnicast, Flags = RouteAttribute.OnLink });
        writer.Put(RouteAttribute.Gateway, gateway);
        writer.Put(RouteAttribute.OutInterface, (uint)index);
        writer.Put(RouteAttribute.Table, table);
        writer.End();
    }

    /// <summary>Deletes it.</summary>
    public static void DeleteDefaultRoute(this ref NetlinkWriter writer, uint table)
    {
        writer.BeginChange(MessageType.DeleteRoute, 0, Default with { Scope = RouteAttribute.ScopeNowhere });
        writer.Put(RouteAttribute.Table, table);
        writer.End();
    }

    /// <summary>The rules of ours that there are.</summary>
    public static IReadOnlyList<RoutingRule> OurRules(this NetlinkSocket socket)
    {
        var rules = new List<RoutingRule>();
        socket.Dump(MessageType.GetRule, new RouteHeader { Family = Family.Inet }, null, "listing rules", rules.Clear, (message, payload) =>
        {
            if (message == MessageType.NewRule && Parse(payload) is { } rule)
                rules.Add(rule);
        });
        return rules;
    }

    /// <summary>Default routes of our protocol in tables other than the main one.</summary>
    public static IReadOnlyList<Route> OurDefaultRoutes(this NetlinkSocket socket)
    {
        var routes = new List<Route>();
        var header = new RouteHeader { Family = Family.Inet, Protocol = RouteRequests.OurProtocol, Type = RouteAttribute.TypeUnicast };
        socket.Dump(MessageType.GetRoute, header, null, "listing routes", routes.Clear, (message, payload) =>
        {
            if (message == MessageType.NewRoute
                && Route.Parse(payload) is { Protocol: RouteRequests.OurProtocol, PrefixLength: 0, Table: not RouteAttribute.TableMain } route)
                routes.Add(route);
        });
        return routes;
    }

    private static RouteHeader Default => new()
    {
        Family = Family.Inet,
        Protocol = RouteRequests.OurProtocol,
        Scope = RouteAttribute.ScopeUniverse,
    };

    // struct fib_rule_hdr has struct rtmsg's shape; its last byte is the action.
    private static void Rule(this ref NetlinkWriter writer, ushort message, ushort flags, RoutingRule rule)
    {
        var header = new RouteHeader { Family = Family.Inet, Type = RuleAttribute.ToTable, Flags = rule.Inverted ? RuleAttribute.Invert : 0 };
        writer.BeginChange(message, flags, header);
        writer.Put(RuleAttribute.Priority, rule.Priority);
        writer.Put(RuleAttribute.Mark, rule.Mark);
        writer.Put(RuleAttribute.MarkMask, rule.Mask);
        writer.Put(RuleAttribute.Table, rule.Table);
        if (rule.ShortestPrefix > 0)
            writer.Put(RuleAttribute.SuppressPrefixLength, (uint)rule.ShortestPrefix - 1);
        writer.Put(RuleAttribute.Protocol, [RouteRequests.OurProtocol]);
        writer.End();
    }

    private static RoutingRule? Parse(ReadOnlySpan<byte> payload)
    {
        var attributes = NetlinkAttributes.After(payload, out RouteHeader header);
        uint priority = 0, mark = 0, mask = 0, table = header.Table;
        var shortest = 0;
        byte protocol = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case RuleAttribute.Priority:
                    priority = attributes.Number;
                    break;
                case RuleAttribute.Mark:
                    mark = attributes.Number;
                    break;
                case RuleAttribute.MarkMask:
                    mask = attributes.Number;
                    break;
                case RuleAttribute.Table:
                    table = attributes.Number;
                    break;
                case RuleAttribute.SuppressPrefixLength when attributes.Number != uint.MaxValue:
                    shortest = (int)Math.Min(attributes.Number, 128) + 1;
                    break;
                case RuleAttribute.Protocol when attributes.Value is [var only]:
                    protocol = only;
                    break;
                default:
                    break;
            }
        }

        return protocol == RouteRequests.OurProtocol && header.Family == Family.Inet
            ? new RoutingRule(priority, mark, mask, (header.Flags & RuleAttribute.Invert) != 0, table, shortest)
            : null;
    }
}
