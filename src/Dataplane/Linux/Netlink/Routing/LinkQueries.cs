using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>Questions about links.</summary>
internal static class LinkQueries
{
    /// <summary>One link by name, or null.</summary>
    public static Link? FindLink(this NetlinkSocket socket, string name)
    {
        var writer = socket.Write(stackalloc byte[96]);
        writer.BeginQuery(MessageType.GetLink, 0, default(LinkHeader));
        writer.Put(LinkAttribute.Name, name);
        return Find(socket, ref writer, name);
    }

    /// <summary>One link by index, or null.</summary>
    public static Link? FindLink(this NetlinkSocket socket, int index)
    {
        var writer = socket.Write(stackalloc byte[96]);
        writer.BeginQuery(MessageType.GetLink, 0, new LinkHeader { Index = index });
        return Find(socket, ref writer, $"index {index}");
    }

    /// <summary>All links, by one consistent dump.</summary>
    public static IReadOnlyList<Link> Links(this NetlinkSocket socket)
    {
        var links = new List<Link>();
        socket.Dump(MessageType.GetLink, default(LinkHeader), LinkAttribute.SkipStatistics, "listing links", links.Clear, (type, payload) =>
        {
            if (type == MessageType.NewLink && Link.Parse(payload) is { } link)
                links.Add(link);
        });
        return links;
    }

    private static Link? Find(NetlinkSocket socket, ref NetlinkWriter writer, string what)
    {
        writer.Put(LinkAttribute.ExtMask, LinkAttribute.SkipStatistics);
        writer.End();
        Link? found = null;
        var failure = socket.Query(writer, (_, payload) => found = Link.Parse(payload));
        if (failure is { Errno: not Errno.NoDevice })
            throw failure.ToException($"asking for link {what}");
        return found;
    }
}
