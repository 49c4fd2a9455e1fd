namespace Vnetcni.Simulation.Tests.Workload;

/// <summary>A pod bound to a node, as its kubelet sees it.</summary>
internal sealed class SimPod(string name)
{
    private readonly TaskCompletionSource ended = new();

    public string Name { get; } = name;

    /// <summary>What the last successful ADD gave; null without a running sandbox.</summary>
    public string? Address { get; set; }

    /// <summary>Somebody deleted it.</summary>
    public bool IsDeleted => ended.Task.IsCompleted;

    public Task Deleted => ended.Task;

    public void Delete() => ended.TrySetResult();
}
