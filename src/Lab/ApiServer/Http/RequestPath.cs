namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>The parts of a resource's path.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version.</param>
/// <param name="Namespace">Namespace; empty for none.</param>
/// <param name="Resource">Plural name of the resource.</param>
/// <param name="Name">Object; empty for the collection.</param>
/// <param name="Subresource">Subresource; empty for none.</param>
internal sealed record RequestPath(string Group, string Version, string Namespace, string Resource, string Name, string Subresource)
{
    private const string Namespaces = "namespaces";

    /// <summary>Reads <c>/api/v1/...</c> or <c>/apis/GROUP/VERSION/...</c>; null when it is no path of a resource.</summary>
    public static RequestPath? Parse(string path)
    {
        // One slash may end a path. An empty part within is no part that is left out: /namespaces//pods is nobody's namespace.
        var parts = path.TrimStart('/').Split('/');
        if (parts[^1].Length == 0)
            parts = parts[..^1];
        if (path.StartsWith("//", StringComparison.Ordinal) || parts.Contains(string.Empty))
            return null;
        return parts switch
        {
            ["api", var version, .. var rest] => Parse(string.Empty, version, rest),
            ["apis", var group, var version, .. var rest] => Parse(group, version, rest),
            _ => null,
        };
    }

    private static RequestPath? Parse(string group, string version, string[] rest) => rest switch
    {
        [Namespaces, var name] when group.Length == 0 => new(group, version, string.Empty, Namespaces, name, string.Empty),
        [Namespaces, var name, "status" or "finalize"] when group.Length == 0 => new(group, version, string.Empty, Namespaces, name, rest[2]),
        [Namespaces, var ns, var resource] => new(group, version, ns, resource, string.Empty, string.Empty),
        [Namespaces, var ns, var resource, var name] => new(group, version, ns, resource, name, string.Empty),
        [Namespaces, var ns, var resource, var name, .. var sub] => new(group, version, ns, resource, name, string.Join('/', sub)),
        [var resource] => new(group, version, string.Empty, resource, string.Empty, string.Empty),
        [var resource, var name] => new(group, version, string.Empty, resource, name, string.Empty),
        [var resource, var name, .. var sub] => new(group, version, string.Empty, resource, name, string.Join('/', sub)),
        _ => null,
    };
}
