using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Fields;
using Vnetcni.Lab.ApiServer.Selectors;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>
/// One open watch. Take <see cref="Changed"/> first, then <see cref="Next"/> until it is null, then wait for the task taken.
/// </summary>
public sealed class WatchCursor : IDisposable
{
    private const string InitialEventsEnd = "k8s.io/initial-events-end";
    private readonly KubeStore store;
    private readonly KindModel kind;
    private readonly Selection selection;
    private readonly Queue<WatchEvent> first = new();
    private TaskCompletionSource changed = new();

    internal WatchCursor(KubeStore store, KindModel kind, Selection selection, long position)
    {
        (this.store, this.kind, this.selection, Position) = (store, kind, selection, position);
        kind.State.Cursors.Add(this);
    }

    /// <summary>
    /// Ends at the next change of the resource. It is completed by whoever wrote, on his thread: yield before you go on.
    /// </summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    /// <summary>Up to here everything has been seen: the version of a bookmark.</summary>
    public long Position { get; private set; }

    /// <summary>The next event, or null when there is none yet. Throws 410 when the history behind it was forgotten.</summary>
    public WatchEvent? Next()
    {
        lock (store.Gate)
        {
            if (first.TryDequeue(out var initial))
                return initial;
            if (Position < store.OldestVersion)
                throw Expired(Position, store.OldestVersion);
            if (kind.State.After(Position, Concerns) is not { } change)
            {
                Position = store.Version;
                return null;
            }

            Position = change.Version;
            return Event(change);
        }
    }

    /// <summary>A bookmark for now.</summary>
    public WatchEvent Bookmark() => Mark(null);

    /// <summary>Ends the watch.</summary>
    public void Dispose()
    {
        lock (store.Gate)
            kind.State.Cursors.Remove(this);
        changed.TrySetResult();
    }

    internal static ApiStatusException Expired(long from, long oldest) =>
        Refusal.Expired(string.Create(CultureInfo.InvariantCulture, $"too old resource version: {from} ({oldest})"));

    // Under the store's lock.
    internal void BeginWith(IEnumerable<KubeObject> objects, bool endWithBookmark)
    {
        foreach (var value in objects.Where(selection.Shows))
            first.Enqueue(new WatchEvent("ADDED", Shown(value)));
        if (endWithBookmark)
            first.Enqueue(Mark(new JsonObject { [InitialEventsEnd] = "true" }));
    }

    internal void Wake() => Interlocked.Exchange(ref changed, new TaskCompletionSource()).TrySetResult();

    private bool Concerns(StoreChange change) =>
        (change.Before is { } before && selection.Shows(before)) || (change.After is { } after && selection.Shows(after));

    // An object that is no longer selected is deleted for this watch, one that is newly selected is added.
    private WatchEvent Event(StoreChange change)
    {
        var was = change.Before is { } before && selection.Shows(before);
        if (change.After is { } after && selection.Shows(after))
            return new WatchEvent(was ? "MODIFIED" : "ADDED", Shown(after));
        return new WatchEvent("DELETED", Shown(change.Before!.At(change.Version)));
    }

    private KubeObject Shown(KubeObject value) => value.As(kind.Definition.ApiVersion);

    private WatchEvent Mark(JsonObject? annotations)
    {
        var metadata = new JsonObject { ["resourceVersion"] = Position.ToString(CultureInfo.InvariantCulture) };
        if (annotations is not null)
            metadata["annotations"] = annotations;
        var json = new JsonObject { ["kind"] = kind.Definition.Kind, ["apiVersion"] = kind.Definition.ApiVersion, ["metadata"] = metadata };
        return new WatchEvent("BOOKMARK", new KubeObject(json, Managers.None));
    }
}
