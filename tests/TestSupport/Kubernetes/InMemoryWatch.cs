using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>One open watch, which a test can break off.</summary>
internal sealed class InMemoryWatch(KubeCall call, WatchCursor cursor, Action<InMemoryWatch> closed) : IDisposable
{
    private bool broken;

    public KubeCall Call => call;

    /// <summary>Take it before <see cref="Next"/>.</summary>
    public Task Changed => cursor.Changed;

    public WatchEvent? Next() => broken ? throw new IOException("the watch was cut off") : cursor.Next();

    public WatchEvent Bookmark() => cursor.Bookmark();

    public void Break()
    {
        broken = true;
        cursor.Dispose();
    }

    public void Dispose()
    {
        cursor.Dispose();
        closed(this);
    }
}
