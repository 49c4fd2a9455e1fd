using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

public sealed partial class InMemoryKubeServer
{
    internal Watcher OpenWatch(KubeCall call, string resource, KubeWatchOptions options)
    {
        lock (gate)
        {
            var selected = KubeSelector.Parse(options.Namespace, options.LabelSelector, options.FieldSelector);
            var watcher = new Watcher(this, call, resource, selected);
            if (options.ResourceVersion is "" or "0")
            {
                foreach (var (_, stored) in Objects(resource))
                {
                    if (selected(stored.Json))
                        watcher.First.Enqueue(stored.Json);
                }

                watcher.Position = version;
            }
            else
            {
                watcher.Position = long.TryParse(options.ResourceVersion, CultureInfo.InvariantCulture, out var from)
                    ? from
                    : throw new KubeApiException(400, "BadRequest", "the resourceVersion is not a number");
                if (from > version)
                    throw new KubeApiException(504, "Timeout", $"Too large resource version: {from}, current: {version}", TimeSpan.FromSeconds(1));
                if (from < history.Compacted)
                    throw Expired(from);
            }

            watchers.Add(watcher);
            return watcher;
        }
    }

    private KubeApiException Expired(long from) =>
        new(410, "Expired", $"too old resource version: {from} ({history.Compacted})");

    /// <summary>One open watch.</summary>
    internal sealed class Watcher(InMemoryKubeServer server, KubeCall call, string resource, Func<JsonObject, bool> selected)
    {
        private TaskCompletionSource signal = new();

        public KubeCall Call => call;

        public Queue<JsonObject> First { get; } = new();

        public long Position { get; set; }

        public bool Broken { get; set; }

        public Task Signal
        {
            get { lock (server.gate) return signal.Task; }
        }

        public void Wake()
        {
            TaskCompletionSource old;
            lock (server.gate)
                (old, signal) = (signal, new TaskCompletionSource());
            old.TrySetResult();
        }

        public void Close()
        {
            lock (server.gate)
                server.watchers.Remove(this);
        }

        /// <summary>The next event, or null when there is none yet.</summary>
        public (KubeWatchEventType Type, JsonObject Object)? Next()
        {
            lock (server.gate)
            {
                if (Broken)
                    throw new IOException("the watch was cut off");
                if (First.TryDequeue(out var first))
                    return (KubeWatchEventType.Added, first);
                if (Position < server.history.Compacted)
                    throw server.Expired(Position);
                if (server.history.After(Position, Concerns) is not { } change)
                {
                    Position = server.version;
                    return null;
                }

                Position = change.Version;
                return Event(change);
            }
        }

        private bool Concerns(KubeChange change) =>
            change.Resource == resource
            && ((change.Before is { } before && selected(before)) || (change.After is { } after && selected(after)));

        // An object that is no longer selected is deleted for this watch, one that is newly selected is added.
        private (KubeWatchEventType Type, JsonObject Object) Event(KubeChange change)
        {
            var was = change.Before is { } before && selected(before);
            if (change.After is { } after && selected(after))
                return (was ? KubeWatchEventType.Modified : KubeWatchEventType.Added, after);
            var last = KubeJson.Copy(change.After ?? change.Before!);
            KubeJson.Metadata(last)["resourceVersion"] = change.Version.ToString(CultureInfo.InvariantCulture);
            return (KubeWatchEventType.Deleted, last);
        }
    }
}
