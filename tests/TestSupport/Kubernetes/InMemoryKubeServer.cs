using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>
/// What an API server and its etcd are to their clients, in memory and deterministic: resourceVersions, optimistic
/// concurrency, the status subresource, server-side apply, finalizers, watches with a bounded history.
/// </summary>
/// <remarks>Left out: defaulting, schema validation, admission, RBAC, garbage collection, namespaces' existence.</remarks>
public sealed partial class InMemoryKubeServer
{
    private static readonly HashSet<string> NoStatus = new(StringComparer.Ordinal) { "leases.coordination.k8s.io", "events" };
    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedDictionary<ObjectKey, Stored>> resources = new(StringComparer.Ordinal);
    private readonly List<Watcher> watchers = [];
    private readonly KubeHistory history;
    private readonly TimeProvider time;
    // Never 0: to a list or a watch that means "any".
    private long version = 1;
    private long uids;

    /// <param name="time">The clock of timestamps and watch timeouts.</param>
    /// <param name="historyWindow">Changes that a watch can go back.</param>
    public InMemoryKubeServer(TimeProvider time, int historyWindow = 10_000)
    {
        this.time = time;
        history = new KubeHistory(historyWindow);
    }

    /// <summary>Called after each change, in order, outside the lock: for invariants and traces.</summary>
    public event Action<KubeChange>? Committed;

    /// <summary>The newest resourceVersion.</summary>
    public long Version
    {
        get { lock (gate) return version; }
    }

    /// <summary>Watches open now.</summary>
    public int Watches
    {
        get { lock (gate) return watchers.Count; }
    }

    internal TimeProvider Time => time;

    /// <summary>A client of this server.</summary>
    /// <param name="name">Its name in calls and the field manager of its creates and replaces.</param>
    /// <param name="faults">What goes wrong on its way.</param>
    public InMemoryKubeApi Client(string name, KubeFaults? faults = null) => new(this, name, faults);

    /// <summary>Forgets all history: a watch or a page from an older version gets 410.</summary>
    public void Compact()
    {
        lock (gate)
            history.CompactTo(version);
    }

    /// <summary>Breaks open watches off, as a lost connection does.</summary>
    public void DropWatches(Func<KubeCall, bool>? which = null)
    {
        List<Watcher> dropped;
        lock (gate)
        {
            dropped = watchers.FindAll(w => which is null || which(w.Call));
            dropped.ForEach(w => w.Broken = true);
        }

        dropped.ForEach(w => w.Wake());
    }

    /// <summary>The present JSON of an object (a copy), or null.</summary>
    public JsonObject? Json<T>(KubeKind<T> kind, ObjectKey key)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (gate)
            return Find(Resource(kind), key) is { } stored ? KubeJson.Copy(stored.Json) : null;
    }

    /// <summary>The fields that a manager owns by apply, such as <c>/status/usage/desired</c>.</summary>
    public IReadOnlyCollection<string> AppliedFields<T>(KubeKind<T> kind, ObjectKey key, string manager, string subresource = "")
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (gate)
            return [.. Find(Resource(kind), key)?.Owners.Of(FieldOwners.Name(manager, apply: true, subresource)) ?? []];
    }

    internal static string Resource<T>(KubeKind<T> kind)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        kind.Group.Length == 0 ? kind.Plural : $"{kind.Plural}.{kind.Group}";

    internal JsonObject? Get(string resource, ObjectKey key, long? at)
    {
        lock (gate)
        {
            return at is { } old
                ? history.At(resource, Math.Clamp(old, history.Compacted, version)).GetValueOrDefault(key)
                : Find(resource, key)?.Json;
        }
    }

    internal (List<JsonObject> Items, long Version, string Continue) List(string resource, KubeListOptions options, long? at)
    {
        lock (gate)
        {
            var (shown, after) = Page(options, at);
            var selected = KubeSelector.Parse(options.Namespace, options.LabelSelector, options.FieldSelector);
            IEnumerable<KeyValuePair<ObjectKey, JsonObject>> all = shown == version
                ? Objects(resource).Select(o => KeyValuePair.Create(o.Key, o.Value.Json))
                : history.At(resource, shown);
            var rest = all.Where(o => (after is null || o.Key > after) && selected(o.Value));
            var page = rest.Take(options.Limit > 0 ? options.Limit + 1 : int.MaxValue).ToList();
            var more = options.Limit > 0 && page.Count > options.Limit;
            if (more)
                page.RemoveAt(options.Limit);
            return ([.. page.Select(p => p.Value)], shown, more ? Token(shown, page[^1].Key) : string.Empty);
        }
    }

    private (long Shown, ObjectKey? After) Page(KubeListOptions options, long? at)
    {
        if (options.Continue.Length == 0)
            return (Math.Clamp(at ?? version, history.Compacted, version), null);
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(options.Continue)).Split('\n');
        var shown = long.Parse(parts[0], CultureInfo.InvariantCulture);
        if (shown < history.Compacted)
            throw new KubeApiException(410, "Expired", "The provided continue parameter is too old");
        return (shown, new ObjectKey(parts[1], parts[2]));
    }

    private static string Token(long version, ObjectKey key) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{version}\n{key.Namespace}\n{key.Name}")));

    private SortedDictionary<ObjectKey, Stored> Objects(string resource)
    {
        if (!resources.TryGetValue(resource, out var objects))
            resources.Add(resource, objects = []);
        return objects;
    }

    private Stored? Find(string resource, ObjectKey key) => Objects(resource).GetValueOrDefault(key);

    // The JSON of a stored object is never modified: history and answers share it.
    private sealed record Stored(JsonObject Json, FieldOwners Owners);
}
