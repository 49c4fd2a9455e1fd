using System.Globalization;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Selectors;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>
/// What an API server and its etcd are to their clients, in memory: no clock, no randomness, no input or output. Every
/// method may be called from any thread and throws <see cref="ApiStatusException"/> for what it refuses.
/// </summary>
/// <remarks>
/// Left out: rules in CEL (x-kubernetes-validations), admission plugins other than the namespaces' life cycle, RBAC,
/// conversion webhooks; built-in kinds have their schema and few further rules.
/// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
/// </remarks>
public sealed partial class KubeStore
{
    private readonly KubeStoreOptions options;
    private readonly Lock announcing = new();
    private readonly Queue<StoreChange> announcements = new();
    // Never 0: to a list or a watch that means "any".
    private long version = 1;

    /// <summary>A store with the built-in kinds and the namespaces that every cluster has.</summary>
    public KubeStore(KubeStoreOptions options, DateTimeOffset now)
    {
        this.options = options;
        foreach (var definition in BuiltInResources.All)
            states.Add(definition.GroupResource, new ResourceState(definition));
        RebuildCatalog();
        foreach (var name in ClusterNamespaces)
            Create(BuiltInResources.Namespaces, string.Empty, new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = name } }, new(), now);
    }

    /// <summary>Called after each change, in order, under no lock of the store's data.</summary>
    public event Action<StoreChange>? Committed;

    /// <summary>The newest resourceVersion.</summary>
    public long Version => Interlocked.Read(ref version);

    /// <summary>The oldest version that a watch can start from and an exact list can show.</summary>
    public long OldestVersion { get; private set; } = 1;

    /// <summary>
    /// Whether <see cref="CollectGarbage"/> may find something: an object went, is to go, or has other owners since it last
    /// found nothing.
    /// </summary>
    public bool MayHaveGarbage { get; private set; }

    internal Lock Gate { get; } = new();

    /// <summary>One object. 404 when it does not exist.</summary>
    public KubeObject Get(ResourceDefinition resource, ObjectName name) => Find(resource, name) ?? throw Refusal.NotFound(resource, name.Name);

    /// <summary>Throws 504 for a resourceVersion that has not come yet, 500 for what is none; empty is any.</summary>
    public void CheckVersion(string resourceVersion)
    {
        var asked = Number(resourceVersion);
        if (asked > Version)
            throw Refusal.TooLargeVersion(asked, Version);
    }

    /// <summary>One object, or null.</summary>
    public KubeObject? Find(ResourceDefinition resource, ObjectName name)
    {
        lock (Gate)
            return Model(resource).State.Objects.GetValueOrDefault(name)?.As(resource.ApiVersion);
    }

    /// <summary>One object as it was at a version, or null. The version is taken up to the oldest that is known.</summary>
    public KubeObject? FindAt(ResourceDefinition resource, ObjectName name, long at)
    {
        lock (Gate)
            return Model(resource).State.At(Math.Clamp(at, OldestVersion, version)).GetValueOrDefault(name)?.As(resource.ApiVersion);
    }

    /// <summary>One page of a list. 410 when the page's or the exact version is forgotten.</summary>
    public ListPage List(ResourceDefinition resource, ListQuery query)
    {
        lock (Gate)
        {
            var model = Model(resource);
            var selection = new Selection(resource, query.Namespace, query.LabelSelector, query.FieldSelector);
            var (shown, after) = Start(query);
            var all = shown == version ? model.State.Objects : model.State.At(shown);
            var rest = all.Where(o => after is null || o.Key > after).Select(o => o.Value).Where(selection.Shows);
            var page = query.Limit > 0 ? [.. rest.Take((int)Math.Min(query.Limit + 1, int.MaxValue))] : rest.ToList();
            var token = string.Empty;
            long? remaining = null;
            if (query.Limit > 0 && page.Count > query.Limit)
            {
                page.RemoveAt(page.Count - 1);
                token = new ContinueToken(shown, page[^1].Name).ToString();
                remaining = selection.Selects ? null : rest.Count() - page.Count;
            }

            return new ListPage(page.ConvertAll(o => o.As(resource.ApiVersion)), Text(shown), token, remaining);
        }
    }

    /// <summary>Opens a watch. 410 when its version is forgotten; 504 when it has not come yet.</summary>
    public WatchCursor Watch(ResourceDefinition resource, WatchQuery query)
    {
        lock (Gate)
        {
            var model = Model(resource);
            var selection = new Selection(resource, query.Namespace, query.LabelSelector, query.FieldSelector);
            var from = Number(query.ResourceVersion);
            if (from > version)
                throw Refusal.TooLargeVersion(from, version);
            if (from == 0 || query.SendInitialEvents == true)
            {
                var whole = new WatchCursor(this, model, selection, version);
                if (query.SendInitialEvents != false)
                    whole.BeginWith(model.State.Objects.Values, query.SendInitialEvents == true);
                return whole;
            }

            if (from < OldestVersion)
                throw WatchCursor.Expired(from, OldestVersion);
            return new WatchCursor(this, model, selection, from);
        }
    }

    /// <summary>Forgets all history: a watch or a page from an older version gets 410.</summary>
    public void Compact()
    {
        lock (Gate)
            CompactTo(version);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string resourceVersion) =>
        resourceVersion.Length == 0 ? 0
        : long.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Refusal.Internal(
            $"resourceVersion: Invalid value: {FieldError.Quote(resourceVersion)}: strconv.ParseUint: parsing {FieldError.Quote(resourceVersion)}: invalid syntax");

    private (long Shown, ObjectName? After) Start(ListQuery query)
    {
        const string Field = "resourceVersionMatch";
        if (query.ResourceVersionMatch.Length > 0)
        {
            if (query.ResourceVersion.Length == 0)
                throw Refusal.InvalidOptions("ListOptions", FieldError.Forbidden(Field, $"{Field} is forbidden unless resourceVersion is provided"));
            if (query.Continue.Length > 0)
                throw Refusal.InvalidOptions("ListOptions", FieldError.Forbidden(Field, $"{Field} is forbidden when continue is provided"));
            if (query.ResourceVersionMatch is not ("Exact" or "NotOlderThan"))
                throw Refusal.InvalidOptions("ListOptions", FieldError.NotSupported(Field, FieldError.Quote(query.ResourceVersionMatch), ["Exact", "NotOlderThan", ""]));
            if (query is { ResourceVersionMatch: "Exact", ResourceVersion: "0" })
                throw Refusal.InvalidOptions("ListOptions", FieldError.Forbidden(Field, $"{Field} \"exact\" is forbidden for resourceVersion \"0\""));
        }

        if (query.Continue.Length > 0)
            return Continued(query);
        var asked = Number(query.ResourceVersion);
        if (asked > version)
            throw Refusal.TooLargeVersion(asked, version);
        // A page at a version without a match is exact, as before there was a match.
        if (asked == 0 || query.ResourceVersionMatch == "NotOlderThan" || (query.ResourceVersionMatch.Length == 0 && query.Limit <= 0))
            return (version, null);
        if (asked < OldestVersion)
            throw Refusal.Expired("The resourceVersion for the provided list is too old.");
        return (asked, null);
    }

    private (long Shown, ObjectName? After) Continued(ListQuery query)
    {
        if (query.ResourceVersion is not ("" or "0"))
            throw Refusal.BadRequest("specifying resource version is not allowed when using continue");
        var token = ContinueToken.Parse(query.Continue);
        if (token.Version < OldestVersion)
        {
            throw Refusal.Expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.");
        }

        return token.Version > version ? throw Refusal.TooLargeVersion(token.Version, version) : (token.Version, token.After);
    }

    private void CompactTo(long to)
    {
        foreach (var state in states.Values)
            state.CompactTo(to);
        OldestVersion = Math.Max(OldestVersion, to);
    }

    // Under the lock. The json becomes the object's.
    private KubeObject? Commit(KindModel model, ObjectName name, KubeObject? before, System.Text.Json.Nodes.JsonObject? after, Fields.Managers managers)
    {
        KubeObject? next = null;
        if (after is not null)
        {
            after["metadata"]!["resourceVersion"] = Text(version + 1);
            after["apiVersion"] = model.State.Definition.ApiVersion;
            next = new KubeObject(after, managers);
            if (options.MaxObjectBytes > 0 && next.Utf8.Length > options.MaxObjectBytes)
                throw Refusal.TooLarge(next.Utf8.Length, options.MaxObjectBytes);
        }

        Interlocked.Increment(ref version);
        var change = new StoreChange(version, model.State.Definition, name, before, next);
        model.State.Commit(change);
        MayHaveGarbage |= MayMakeGarbage(model, before, next);
        if (version - OldestVersion > options.HistoryWindow)
            CompactTo(version - Math.Max(1, options.HistoryWindow / 2));
        announcements.Enqueue(change);
        return next;
    }

    // A pass over everything after each heartbeat of each node would cost more than all the rest.
    private static bool MayMakeGarbage(KindModel model, KubeObject? before, KubeObject? after) =>
        after is null || after.IsDeleting || model.Is(BuiltInResources.CustomResourceDefinitions)
        || !System.Text.Json.Nodes.JsonNode.DeepEquals(before?.Json["metadata"]?["ownerReferences"], after.Json["metadata"]?["ownerReferences"]);

    // Outside the lock: what awaits may run at once, here.
    private void Announce()
    {
        lock (announcing)
        {
            while (true)
            {
                StoreChange? change;
                List<WatchCursor> woken;
                lock (Gate)
                {
                    if (!announcements.TryDequeue(out change))
                        return;
                    woken = states.TryGetValue(change.Resource.GroupResource, out var state) ? [.. state.Cursors] : [];
                }

                Committed?.Invoke(change);
                woken.ForEach(cursor => cursor.Wake());
            }
        }
    }
}
