using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>Links and routes in memory; they outlive the agent's process.</summary>
internal sealed class FakeKernel
{
    public SortedDictionary<string, Link> Links { get; } = new(StringComparer.Ordinal);

    public DataplaneMode Mode { get; set; }

    public SortedSet<string> HeldRoutes { get; } = new(StringComparer.Ordinal);

    public sealed record Link(string Alias, IPAddress? Route, ulong Namespace, string PodInterface, bool Detached)
    {
        /// <summary>The pod's interface has another plug-in's name.</summary>
        public bool IsStandIn => PodInterface.StartsWith("azv", StringComparison.Ordinal);
    }
}

/// <summary>A pod's namespace.</summary>
internal sealed class FakeNamespace(ulong inode) : IPodNamespace
{
    public string Path => $"/run/netns/{Inode}";

    public ulong Inode { get; } = inode;

    public bool Disposed { get; private set; }

    public void Dispose() => Disposed = true;
}

/// <summary>One process's view of the kernel.</summary>
internal sealed class FakeNetwork(FakeKernel kernel, FaultPoints faults) : INodeNetwork
{
    /// <summary>What the next calls wait for, when set.</summary>
    public TaskCompletionSource? AttachGate { get; set; }

    public TaskCompletionSource? DetachGate { get; set; }

    public TaskCompletionSource? ReapGate { get; set; }

    public Exception? AttachFailure { get; set; }

    public Exception? DetachFailure { get; set; }

    public Exception? ListFailure { get; set; }

    public Exception? ModeFailure { get; set; }

    public IReadOnlyList<string> CheckFaults { get; set; } = [];

    public int Sweeps { get; private set; }

    private HashSet<string> _held = [];

    public async Task PrepareAsync(IReadOnlyCollection<IPAddress> heldAddresses, CancellationToken cancellationToken)
    {
        faults.Before();
        await Task.Yield();
        _held = [.. heldAddresses.Select(address => address.ToString())];
        kernel.HeldRoutes.Clear();
        var standIns = kernel.Links.Values.Where(link => link.IsStandIn).Select(link => link.Route?.ToString());
        kernel.HeldRoutes.UnionWith(heldAddresses.Select(address => address.ToString()).Except(standIns)!);
        faults.After();
    }

    /// <summary>As the kernel's: on an empty node only.</summary>
    public async Task<string?> UseModeAsync(DataplaneMode mode, CancellationToken cancellationToken)
    {
        faults.Before();
        await Task.Yield();
        if (ModeFailure is not null)
            throw ModeFailure;
        if (mode != kernel.Mode && kernel.Links.Count > 0)
            return $"{kernel.Links.Count} pods are on the node";
        kernel.Mode = mode;
        faults.After();
        return null;
    }

    public async Task<AttachedInterface> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        faults.Before();
        await Task.Yield();
        if (AttachGate is { } gate)
            await gate.Task;
        if (AttachFailure is { } failure)
            throw failure;
        if (kernel.Links.ContainsKey(request.HostInterface)
            || kernel.Links.Values.Any(l => l.Namespace == request.Namespace.Inode && l.PodInterface == request.InterfaceName))
            throw new DataplaneException(DataplaneFault.InterfaceExists, "File exists", 17);
        if (kernel.Links.Values.Any(l => request.Address.Equals(l.Route)))
            throw new InvalidOperationException($"{request.Address} is routed to another link");
        kernel.Links.Add(request.HostInterface, new FakeKernel.Link(request.Alias, request.Address, request.Namespace.Inode, request.InterfaceName, false));
        faults.After();
        return new AttachedInterface(request.HostInterface, PhysicalAddress.None, PhysicalAddress.None, 1500, IPAddress.Parse("169.254.1.1"));
    }

    /// <summary>A pair as ever, but the pod's end has another name, and the address no held route.</summary>
    public async Task StandInAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        await AttachAsync(request, cancellationToken);
        kernel.HeldRoutes.Remove(request.Address.ToString());
    }

    public async Task<bool> DetachAsync(string hostInterface, IPAddress address, CancellationToken cancellationToken)
    {
        faults.Before();
        await Task.Yield();
        if (DetachGate is { } gate)
            await gate.Task;
        if (DetachFailure is { } failure)
            throw failure;
        var found = kernel.Links.TryGetValue(hostInterface, out var link) && !link.Detached;
        if (found)
            kernel.Links[hostInterface] = link! with { Route = null, Detached = true };
        if (_held.Contains(address.ToString()))
            kernel.HeldRoutes.Add(address.ToString());
        faults.After();
        return found;
    }

    public async Task ReapAsync(CancellationToken cancellationToken)
    {
        faults.Before();
        var batch = kernel.Links.Where(l => l.Value.Detached).Select(l => l.Key).ToArray();
        await Task.Yield();
        if (ReapGate is { } gate)
            await gate.Task;
        foreach (var name in batch)
            kernel.Links.Remove(name);
        Sweeps++;
        faults.After();
    }

    public async Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (ListFailure is { } failure)
            throw failure;
        return [.. kernel.Links.Select(l => new HostInterface(l.Key, l.Value.Alias, l.Value.Route, l.Value.Detached))];
    }

    public Task<IReadOnlyList<string>> CheckAsync(AttachRequest request, CancellationToken cancellationToken) => Task.FromResult(CheckFaults);
}
