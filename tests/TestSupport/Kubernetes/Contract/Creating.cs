using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>POST.</summary>
internal static class Creating
{
    public static readonly ContractCases Cases = new("Creating")
    {
        ["a new object gets uid, version and time"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            made.Holds(Guid.TryParse(made.Uid, out _), "metadata.uid is a UUID");
            made.Holds(made.Version.All(char.IsAsciiDigit), "metadata.resourceVersion is a number");
            made.Holds(made.Text("/metadata/creationTimestamp") is { Length: 20 } time && time.EndsWith('Z'), "metadata.creationTimestamp is RFC 3339 in whole seconds, UTC");
        },
        ["a taken name is 409 AlreadyExists"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.PostAsync(Classes, server.Body(Classes, made.Name, "")))
                .IsRefused(409, "AlreadyExists", $"nodeippoolclasses.vnetcni.dev \"{made.Name}\" already exists").Has("/details/name", made.Name);
            var node = await server.MakeAsync(Nodes);
            (await server.PostAsync(Nodes, server.Body(Nodes, node.Name, ""))).IsRefused(409, "AlreadyExists", $"nodes \"{node.Name}\" already exists");
        },
        ["a name is free again after a deletion, with another uid"] = async server =>
        {
            var first = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{first.Name}")).Is(200);
            var second = await server.MakeAsync(Classes, name: first.Name);
            second.Holds(first.Uid != second.Uid, "a new uid");
        },
        ["generateName gives a name with its prefix"] = async server =>
        {
            var body = $"{{'apiVersion':'vnetcni.dev/v1alpha1','kind':'NodeIpPoolClass','metadata':{{'generateName':'{server.Prefix}-'}},'spec':{{}}}}";
            var (a, b) = ((await server.PostAsync(Classes, body)).Is(201), (await server.PostAsync(Classes, body)).Is(201));
            a.Holds(a.Name.StartsWith($"{server.Prefix}-", StringComparison.Ordinal) && a.Name.Length == server.Prefix.Length + 6, "the prefix and five characters");
            a.Has("/metadata/generateName", $"{server.Prefix}-").Holds(a.Name != b.Name, "two names");
        },
        ["a name is required"] = async server =>
            (await server.PostAsync(Classes, "{'apiVersion':'vnetcni.dev/v1alpha1','kind':'NodeIpPoolClass','metadata':{},'spec':{}}"))
                .IsInvalid("metadata.name", "name or generateName is required"),
        ["a name that is no DNS subdomain is refused"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes })
                (await server.PostAsync(collection, server.Body(collection, $"{server.Prefix}-Not_A_Name", "")))
                    .IsInvalid("metadata.name", "must consist of lower case alphanumeric characters");
        },
        ["a label value that is none is refused"] = async server =>
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "").Replace($"'{server.Prefix}'}}", "'not a value'}", StringComparison.Ordinal)))
                .IsInvalid("metadata.labels", "a valid label must be an empty string or consist of alphanumeric characters"),
        ["a resourceVersion cannot be given"] = async server =>
            // 500 on older servers.
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", "'resourceVersion':'1'"))).Is(400, 500).Has("/kind", "Status"),
        ["what the server sets cannot be given"] = async server =>
        {
            var made = await server.MakeAsync(
                Classes, metadata: "'uid':'00000000-0000-4000-8000-000000000000','creationTimestamp':'2001-01-01T00:00:00Z','generation':9,'deletionTimestamp':'2001-01-01T00:00:00Z'");
            made.Lacks("/metadata/deletionTimestamp").Has("/metadata/generation", 1);
            made.Holds(made.Uid[0..8] != "00000000", "its own uid").Holds(made.Text("/metadata/creationTimestamp")[..4] != "2001", "its own time");
        },
        ["a body without kind is refused"] = async server =>
            (await server.PostAsync(Classes, $"{{'metadata':{{'name':'{server.NewName()}'}},'spec':{{}}}}")).IsRefused(400, "BadRequest"),
        ["a body of another kind is refused"] = async server =>
        {
            (await server.PostAsync(Classes, server.Body(Nodes, server.NewName(), ""))).IsRefused(400, "BadRequest");
            (await server.PostAsync(Nodes, server.Body(Classes, server.NewName(), ""))).IsRefused(400, "BadRequest");
        },
        ["a body of another version is refused"] = async server =>
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "").Replace("v1alpha1", "v9", StringComparison.Ordinal))).IsRefused(400, "BadRequest"),
        ["the namespace of the body must be that of the path"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            (await server.PostAsync(Leases(ns), server.Body(Leases(ns), server.NewName(), "", "'namespace':'default'")))
                .IsRefused(400, "BadRequest", "the namespace of the provided object does not match the namespace sent on the request");
            (await server.MakeAsync(Leases(ns))).Has("/metadata/namespace", ns);
        },
        ["a namespace that is not there takes no objects"] = async server =>
        {
            var ns = server.NewName();
            foreach (var collection in new[] { Pods(ns), Leases(ns), Events(ns) })
            {
                var fields = collection.EndsWith("events", StringComparison.Ordinal) ? $"'involvedObject':{{'kind':'Pod','name':'x','namespace':'{ns}'}}" : "";
                (await server.PostAsync(collection, server.Body(collection, server.NewName(), fields))).IsRefused(404, "NotFound", $"namespaces \"{ns}\" not found");
            }
        },
        ["a dry run makes nothing"] = async server =>
        {
            var name = server.NewName();
            var dry = (await server.SendAsync(HttpMethod.Post, $"{Classes}?dryRun=All", server.Body(Classes, name, ""))).Is(201);
            dry.Has("/metadata/name", name).Has("/spec/pool/minFree", 8);
            (await server.GetAsync($"{Classes}/{name}")).Is(404);
        },
        ["annotations keep any text"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: "'annotations':{'vnetcni.dev/Note':'Größe: 1 <b> \\n\\u0001 \\ud83d\\ude00'}");
            var read = await server.GetAsync($"{Classes}/{made.Name}");
            read.Has("/metadata/annotations/vnetcni.dev~1Note", "Größe: 1 <b> \n\u0001 \ud83d\ude00");
        },
    };
}
