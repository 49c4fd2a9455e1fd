using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>
/// The embedded API server's store without its HTTP, with the repository's custom resources in it: deterministic, on the
/// test's clock.
/// </summary>
/// <remarks>Garbage is collected when the test says so: <see cref="CollectGarbage"/>.</remarks>
public sealed class InMemoryKubeServer
{
    private readonly List<InMemoryWatch> watches = [];
    private long uids;
    private long suffixes;

    /// <param name="time">The clock of timestamps and watch timeouts.</param>
    /// <param name="historyWindow">Changes that a watch can go back.</param>
    public InMemoryKubeServer(TimeProvider time, int historyWindow = 10_000)
    {
        Time = time;
        Store = new KubeStore(new KubeStoreOptions(NewUid, NewSuffix, historyWindow), time.GetUtcNow());
        foreach (var crd in RepositoryCrds.All)
            Store.Create(BuiltInResources.CustomResourceDefinitions, string.Empty, crd, new WriteQuery { FieldManager = "setup" }, time.GetUtcNow());
        Store.Committed += change => Committed?.Invoke(new KubeChange(
            change.Version, change.Resource.GroupResource, new ObjectKey(change.Name.Namespace, change.Name.Name), change.Before?.Json, change.After?.Json));
    }

    /// <summary>Called after each change, in order, outside the lock: for invariants and traces.</summary>
    public event Action<KubeChange>? Committed;

    /// <summary>The server itself.</summary>
    public KubeStore Store { get; }

    /// <summary>The newest resourceVersion.</summary>
    public long Version => Store.Version;

    /// <summary>Watches open now.</summary>
    public int Watches => watches.Count;

    internal TimeProvider Time { get; }

    internal DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>A client of this server.</summary>
    /// <param name="name">Its name in calls and the field manager of its creates and replaces.</param>
    /// <param name="faults">What goes wrong on its way.</param>
    public InMemoryKubeApi Client(string name, KubeFaults? faults = null) => new(this, name, faults);

    /// <summary>Forgets all history: a watch or a page from an older version gets 410.</summary>
    public void Compact() => Store.Compact();

    /// <summary>What a cluster's controllers do about deleted owners and namespaces, to its end.</summary>
    public void CollectGarbage()
    {
        while (Store.CollectGarbage(Now))
            continue;
    }

    /// <summary>Puts other CustomResourceDefinitions in place whose schemas limit no values: those of an older release.</summary>
    public void LiftLimits() => Redefine(RepositoryCrds.LiftLimits);

    /// <summary>Puts other CustomResourceDefinitions in place that know no property of this name: those of an older release.</summary>
    public void Forget(string property) => Redefine(versions => RepositoryCrds.Forget(versions, property));

    private void Redefine(Action<JsonNode> change)
    {
        foreach (var crd in Store.List(BuiltInResources.CustomResourceDefinitions, new ListQuery()).Items)
        {
            var other = crd.Json.DeepClone().AsObject();
            change(other["spec"]!["versions"]!);
            Store.Update(BuiltInResources.CustomResourceDefinitions, crd.Name, other, new WriteQuery { FieldManager = "setup" }, Now);
        }
    }

    /// <summary>Breaks open watches off, as a lost connection does.</summary>
    public void DropWatches(Func<KubeCall, bool>? which = null) =>
        watches.FindAll(w => which is null || which(w.Call)).ForEach(w => w.Break());

    /// <summary>The present JSON of an object (a copy) without its managedFields, or null.</summary>
    public JsonObject? Json<T>(KubeKind<T> kind, ObjectKey key)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Store.Find(Resource(kind), Name(key))?.Json.DeepClone().AsObject();

    /// <summary>The fields that a manager owns by apply, such as <c>/status/usage/desired</c>.</summary>
    public IReadOnlyCollection<string> AppliedFields<T>(KubeKind<T> kind, ObjectKey key, string manager, string subresource = "")
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        OwnedFields.Of(Store.Find(Resource(kind), Name(key))?.Full, manager, subresource);

    internal static ObjectName Name(ObjectKey key) => new(key.Namespace, key.Name);

    internal ResourceDefinition Resource<T>(KubeKind<T> kind)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Store.Catalog.Find(kind.Group, kind.Version, kind.Plural) ?? throw Refused(Refusal.NoSuchPath());

    internal static KubeApiException Refused(ApiStatusException e) => new(
        e.Status.Code, e.Status.Reason, e.Status.Message, e.Status.RetryAfterSeconds > 0 ? TimeSpan.FromSeconds(e.Status.RetryAfterSeconds) : null);

    internal InMemoryWatch OpenWatch(KubeCall call, ResourceDefinition resource, WatchQuery query)
    {
        var watch = new InMemoryWatch(call, Store.Watch(resource, query), w => watches.Remove(w));
        watches.Add(watch);
        return watch;
    }

    private string NewUid() => string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{++uids:x12}");

    private string NewSuffix() => string.Create(CultureInfo.InvariantCulture, $"{++suffixes:x5}");
}
