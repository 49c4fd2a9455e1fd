using Vnetcni.Dataplane;

namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>A sandbox's network namespace.</summary>
internal sealed class SimPodNamespace(ulong inode, string path)
{
    public ulong Inode { get; } = inode;

    public string Path { get; } = path;

    public bool IsAlive { get; set; } = true;

    /// <summary>Handles that nobody has closed.</summary>
    public int Open { get; private set; }

    /// <summary>A handle as the CNI binary sends it.</summary>
    public IPodNamespace Handle() => new NamespaceHandle(this);

    internal static SimPodNamespace Of(IPodNamespace handle) => ((NamespaceHandle)handle).Target;

    private sealed class NamespaceHandle : IPodNamespace
    {
        private bool closed;

        public NamespaceHandle(SimPodNamespace target)
        {
            Target = target;
            target.Open++;
        }

        public SimPodNamespace Target { get; }

        public string Path => Target.Path;

        public ulong Inode => Target.Inode;

        public void Dispose()
        {
            Target.Open -= closed ? 0 : 1;
            closed = true;
        }
    }
}
