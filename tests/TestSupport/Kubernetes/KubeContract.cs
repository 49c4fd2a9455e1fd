using System.Globalization;
using System.Text;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>
/// What the product relies on in an API server. Run against the stand-in and against a real one, so that what the simulation proves
/// holds outside it. Every scenario makes Nodes of its own under a prefix and throws where a promise is broken.
/// </summary>
public sealed class KubeContract(IKubeApi api, string prefix)
{
    private static readonly KubePatchOptions Merge = new(KubePatchType.Merge, "contract-merge");
    private static readonly KubePatchOptions A = new(KubePatchType.Apply, "contract-a");
    private static readonly KubePatchOptions B = new(KubePatchType.Apply, "contract-b");
    private int made;

    /// <summary>All scenarios by name.</summary>
    public IReadOnlyDictionary<string, Func<Task>> Scenarios => new Dictionary<string, Func<Task>>(StringComparer.Ordinal)
    {
        ["optimistic concurrency"] = OptimisticConcurrencyAsync,
        ["conditional patch"] = ConditionalPatchAsync,
        ["status apart"] = StatusApartAsync,
        ["no change, no version"] = NoChangeNoVersionAsync,
        ["apply conflicts and force"] = ApplyConflictsAsync,
        ["apply removes"] = ApplyRemovesAsync,
        ["conditions by type"] = ConditionsByTypeAsync,
        ["update takes ownership"] = UpdateTakesOwnershipAsync,
        ["finalizers"] = FinalizersAsync,
        ["delete preconditions"] = DeletePreconditionsAsync,
        ["pages of one moment"] = PagesAsync,
        ["selectors"] = SelectorsAsync,
        ["watch"] = WatchAsync,
        ["apply makes"] = ApplyMakesAsync,
    };

    /// <summary>Names of the scenarios.</summary>
    public static IEnumerable<string> Names => new KubeContract(null!, "").Scenarios.Keys;

    /// <summary>Removes what the scenarios made.</summary>
    public async Task CleanAsync()
    {
        foreach (var node in (await api.ListAsync(KubeKinds.Nodes, new(), default)).Items.Where(n => n.Metadata.Name.StartsWith(prefix, StringComparison.Ordinal)))
            await api.DeleteAsync(KubeKinds.Nodes, node.Key(), new(), default);
    }

    private async Task OptimisticConcurrencyAsync()
    {
        var node = await MakeAsync();
        await PatchAsync(node, "{'metadata':{'labels':{'a':'b'}}}", Merge);
        await RefusedAsync(409, () => api.ReplaceAsync(KubeKinds.Nodes, node, default));
        var fresh = (await api.GetAsync(KubeKinds.Nodes, node.Key(), default))!;
        fresh.Metadata.Labels["a"] = "c";
        Check((await api.ReplaceAsync(KubeKinds.Nodes, fresh, default)).Metadata.Labels["a"] == "c", "a replace of the newest version");
        var again = await RefusedAsync(409, () => api.CreateAsync(KubeKinds.Nodes, new V1Node { Metadata = new() { Name = node.Metadata.Name } }, default));
        Check(again.IsAlreadyExists && !again.IsConflict, "a taken name is AlreadyExists");
        await api.DeleteAsync(KubeKinds.Nodes, node.Key(), new(), default);
        Check(await api.GetAsync(KubeKinds.Nodes, node.Key(), default) is null, "a missing object is null");
        await api.DeleteAsync(KubeKinds.Nodes, node.Key(), new(), default);
        await RefusedAsync(404, () => PatchAsync(node, "{'metadata':{'labels':{'a':'b'}}}", Merge));
    }

    private async Task ConditionalPatchAsync()
    {
        var node = await MakeAsync();
        string Body(string value) => $"{{'metadata':{{'resourceVersion':'{node.Version()}','labels':{{'x':'{value}'}}}}}}";
        await PatchAsync(node, Body("one"), Merge);
        foreach (var options in new[] { Merge, A with { Force = true } })
            Check((await RefusedAsync(409, () => PatchAsync(node, Body("two"), options))).IsConflict, "a stale patch conflicts");
        var status = $"{{'metadata':{{'resourceVersion':'{node.Version()}'}},'status':{{'phase':'Running'}}}}";
        Check((await RefusedAsync(409, () => PatchAsync(node, status, A with { Force = true, Subresource = "status" }))).IsConflict, "a stale status apply conflicts");
        node = (await api.GetAsync(KubeKinds.Nodes, node.Key(), default))!;
        Check((await PatchAsync(node, Body("three"), A with { Force = true })).Metadata.Labels["x"] == "three", "a fresh apply");
    }

    private async Task StatusApartAsync()
    {
        var node = await MakeAsync();
        await PatchAsync(node, "{'status':{'phase':'Running'},'spec':{'unschedulable':true}}", Merge with { Subresource = "status" });
        var after = await PatchAsync(node, "{'status':{'phase':'Pending'},'metadata':{'labels':{'a':'b'}}}", Merge);
        Check(after.Status.Phase == "Running", "a write of the object leaves the status");
        Check(after.Spec?.Unschedulable is null, "a write of the status leaves the spec");
        after.Status.Phase = "Pending";
        Check((await api.ReplaceAsync(KubeKinds.Nodes, after, default)).Status.Phase == "Running", "a replace leaves the status");
    }

    private async Task NoChangeNoVersionAsync()
    {
        var node = await MakeAsync();
        const string Body = "{'metadata':{'labels':{'a':'b'}}}";
        var first = await PatchAsync(node, Body, A);
        Check(first.Version() == (await PatchAsync(node, Body, A)).Version(), "the same apply makes no version");
        Check(first.Version() == (await PatchAsync(node, Body, Merge)).Version(), "a merge of what is there makes no version");
    }

    private async Task ApplyConflictsAsync()
    {
        var node = await MakeAsync();
        await PatchAsync(node, "{'metadata':{'labels':{'mine':'a','both':'x'}}}", A);
        await PatchAsync(node, "{'metadata':{'labels':{'both':'x'}}}", B);
        Check((await RefusedAsync(409, () => PatchAsync(node, "{'metadata':{'labels':{'mine':'b'}}}", B))).IsConflict, "another's field conflicts");
        await PatchAsync(node, "{'metadata':{'labels':{'mine':'b','both':'x'}}}", B with { Force = true });
        Check((await RefusedAsync(409, () => PatchAsync(node, "{'metadata':{'labels':{'mine':'a','both':'x'}}}", A))).IsConflict, "a field taken by force is the taker's");
    }

    private async Task ApplyRemovesAsync()
    {
        var node = await MakeAsync();
        await PatchAsync(node, "{'metadata':{'labels':{'a1':'x','a2':'x','both':'x'}}}", A);
        await PatchAsync(node, "{'metadata':{'labels':{'both':'x'}}}", B);
        var labels = (await PatchAsync(node, "{'metadata':{'labels':{'a1':'x'}}}", A)).Metadata.Labels;
        Check(labels.ContainsKey("a1") && !labels.ContainsKey("a2"), "a field no longer applied is removed");
        Check(labels.ContainsKey("both"), "a shared field stays while another applies it");
        labels = (await PatchAsync(node, "{'metadata':{'labels':{'b':'x'}}}", B)).Metadata.Labels;
        Check(!labels.ContainsKey("both"), "a shared field goes with its last owner");
    }

    private async Task ConditionsByTypeAsync()
    {
        var node = await MakeAsync();
        static string Condition(string type, string status) =>
            $"{{'type':'{type}','status':'{status}','reason':'r','message':'m','lastTransitionTime':'2026-01-01T00:00:00Z','lastHeartbeatTime':'2026-01-01T00:00:00Z'}}";
        var (a, b) = (A with { Subresource = "status", Force = true }, B with { Subresource = "status", Force = true });
        await PatchAsync(node, $"{{'status':{{'phase':'Running','conditions':[{Condition("Ready", "True")},{Condition("Old", "True")}]}}}}", a);
        await PatchAsync(node, $"{{'status':{{'conditions':[{Condition("Other", "False")}]}}}}", b);
        var after = await PatchAsync(node, $"{{'status':{{'conditions':[{Condition("Ready", "False")}]}}}}", a);
        var conditions = after.Status.Conditions.Select(c => $"{c.Type}={c.Status}").Order(StringComparer.Ordinal);
        Check(string.Join(' ', conditions) == "Other=False Ready=False", "each manager has its conditions");
        Check(string.IsNullOrEmpty(after.Status.Phase), "a status field no longer applied is removed");
    }

    private async Task UpdateTakesOwnershipAsync()
    {
        var node = await MakeAsync();
        await PatchAsync(node, "{'metadata':{'labels':{'x':'applied'}}}", A);
        await PatchAsync(node, "{'metadata':{'labels':{'x':'by-hand'}}}", Merge);
        Check((await RefusedAsync(409, () => PatchAsync(node, "{'metadata':{'labels':{'x':'applied'}}}", A))).IsConflict, "an update takes the field over");
    }

    private async Task FinalizersAsync()
    {
        var node = await MakeAsync();
        await PatchAsync(node, "{'metadata':{'finalizers':['vnetcni.dev/one','vnetcni.dev/two']}}", A);
        await api.DeleteAsync(KubeKinds.Nodes, node.Key(), new(), default);
        Check((await api.GetAsync(KubeKinds.Nodes, node.Key(), default))!.IsDeleting(), "a finalizer holds the object");
        await api.DeleteAsync(KubeKinds.Nodes, node.Key(), new(), default);
        var held = await PatchAsync(node, "{'metadata':{'finalizers':['vnetcni.dev/two']}}", A);
        Check(held.Metadata.Finalizers.Count == 1 && held.IsDeleting(), "one finalizer is left");
        await PatchAsync(node, "{'metadata':{}}", A);
        Check(await api.GetAsync(KubeKinds.Nodes, node.Key(), default) is null, "the object goes with its last finalizer");
    }

    private async Task DeletePreconditionsAsync()
    {
        var node = await MakeAsync();
        await RefusedAsync(409, () => DeleteAsync(node, new("00000000-0000-4000-8000-ffffffffffff")));
        var moved = await PatchAsync(node, "{'metadata':{'labels':{'a':'b'}}}", Merge);
        await RefusedAsync(409, () => DeleteAsync(node, new(node.Metadata.Uid, node.Version())));
        await DeleteAsync(node, new(node.Metadata.Uid, moved.Version()));
        Check(await api.GetAsync(KubeKinds.Nodes, node.Key(), default) is null, "a delete whose preconditions hold");
    }

    private async Task PagesAsync()
    {
        var group = Name();
        for (var i = 0; i < 5; i++)
            await MakeAsync(group);
        var first = await api.ListAsync(KubeKinds.Nodes, new() { Limit = 2, LabelSelector = $"group={group}" }, default);
        Check(first.Items.Count == 2 && first.Continue.Length > 0, "a first page");
        await MakeAsync(group);
        var names = first.Items.Select(n => n.Metadata.Name).ToList();
        for (var next = first; next.Continue.Length > 0;)
        {
            next = await api.ListAsync(KubeKinds.Nodes, new() { Limit = 2, LabelSelector = $"group={group}", Continue = next.Continue }, default);
            Check(next.ResourceVersion == first.ResourceVersion, "all pages are of one version");
            names.AddRange(next.Items.Select(n => n.Metadata.Name));
        }

        Check(names.Count == 5 && names.Order(StringComparer.Ordinal).SequenceEqual(names), "pages in order, without what came later");
    }

    private async Task SelectorsAsync()
    {
        var group = Name();
        var (one, two) = (await MakeAsync(group), await MakeAsync(group));
        async Task<string> Select(string labels, string fields) => string.Join(
            ' ', (await api.ListAsync(KubeKinds.Nodes, new() { LabelSelector = labels, FieldSelector = fields }, default)).Items.Select(n => n.Metadata.Name));
        Check(await Select($"group={group}", "") == $"{one.Metadata.Name} {two.Metadata.Name}", "a label");
        Check(await Select($"group in ({group},x)", $"metadata.name={two.Metadata.Name}") == two.Metadata.Name, "a set and a name");
        Check(await Select($"group={group},group!=x,!nothing", $"metadata.name!={two.Metadata.Name}") == one.Metadata.Name, "negations");
    }

    private async Task WatchAsync()
    {
        var group = Name();
        var start = (await api.ListAsync(KubeKinds.Nodes, new(), default)).ResourceVersion;
        var node = await MakeAsync(group);
        await PatchAsync(node, "{'metadata':{'labels':{'a':'b'}}}", Merge);
        await PatchAsync(node, "{'metadata':{'labels':{'group':'other'}}}", Merge);
        await PatchAsync(node, $"{{'metadata':{{'labels':{{'group':'{group}'}}}}}}", Merge);
        await api.DeleteAsync(KubeKinds.Nodes, node.Key(), new(), default);
        var seen = new List<string>();
        var last = 0L;
        var options = new KubeWatchOptions { ResourceVersion = start, LabelSelector = $"group={group}", Timeout = TimeSpan.FromSeconds(4) };
        await foreach (var e in api.WatchAsync(KubeKinds.Nodes, options, default))
        {
            var version = long.Parse(e.Object.Version(), CultureInfo.InvariantCulture);
            Check(version >= last, "versions grow within a watch");
            last = version;
            if (e.Type != KubeWatchEventType.Bookmark)
                seen.Add(e.Type.ToString());
        }

        Check(string.Join(' ', seen) == "Added Modified Deleted Added Deleted", $"leaving a selection is a deletion, entering it an addition; seen: {string.Join(' ', seen)}");
    }

    private async Task ApplyMakesAsync()
    {
        var node = new V1Node { Metadata = new() { Name = Name() } };
        var body = $"{{'apiVersion':'v1','kind':'Node','metadata':{{'name':'{node.Metadata.Name}','labels':{{'a':'b'}}}}}}";
        await RefusedAsync(404, () => PatchAsync(node, "{'status':{'phase':'Running'}}", A with { Subresource = "status" }));
        var first = await PatchAsync(node, body, A);
        Check(first.Metadata.Uid.Length > 0 && first.Metadata.Labels["a"] == "b", "an apply makes a missing object");
        Check((await PatchAsync(node, body, A)).Metadata.Uid == first.Metadata.Uid, "and finds it again");
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{++made:d3}");

    private Task<V1Node> MakeAsync(string? group = null) => api.CreateAsync(
        KubeKinds.Nodes,
        new V1Node { Metadata = new() { Name = Name(), Labels = group is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { ["group"] = group } } },
        default);

    private Task<V1Node> PatchAsync(V1Node node, string body, KubePatchOptions options)
    {
        // An apply must name its kind.
        var text = options.Type == KubePatchType.Apply && !body.Contains("'apiVersion'", StringComparison.Ordinal)
            ? "{'apiVersion':'v1','kind':'Node'," + body[1..]
            : body;
        return api.PatchAsync(KubeKinds.Nodes, node.Key(), Encoding.UTF8.GetBytes(text.Replace('\'', '"')), options, default);
    }

    private async Task<bool> DeleteAsync(V1Node node, KubeDeleteOptions options)
    {
        await api.DeleteAsync(KubeKinds.Nodes, node.Key(), options, default);
        return true;
    }

    private static async Task<KubeApiException> RefusedAsync<T>(int status, Func<Task<T>> call)
    {
        try
        {
            await call();
        }
        catch (KubeApiException e) when (e.StatusCode == status)
        {
            return e;
        }

        throw new KubeContractException($"the server should have answered {status}");
    }

    private static void Check(bool holds, string promise)
    {
        if (!holds)
            throw new KubeContractException($"broken promise: {promise}");
    }
}
