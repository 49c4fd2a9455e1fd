using System.Globalization;
using Vnetcni.Lab.Arm;
using Vnetcni.Lab.E2e.Checks;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>Nodes come, are drained, are lost and come back.</summary>
internal sealed class NodePart(E2ePart part)
{
    private const int Pods = 18;

    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        var report = part.Report;
        // On the node that stays throughout. What is left of it is looked at in the end: the agent takes its time on purpose.
        part.Lost = new LostDel(part.Lab);
        await report.StepAsync("a DEL is lost", () => part.Lost.LoseAsync(part.Lab.Azure.Machines[0].Name, cancellationToken));
        await report.StepAsync("a node joins", () => JoinAsync(cancellationToken));
        await report.StepAsync("a node is drained", () => DrainAsync(cancellationToken));
        await report.StepAsync("a node is killed: its Node is deleted, its VM deallocated", () => KillAsync(cancellationToken));
        await report.StepAsync("it comes back under the same name", () => ReturnAsync(cancellationToken));
        await report.StepAsync("a node is killed and comes back at once", () => RebootAsync(cancellationToken));
    }

    private async Task<string> JoinAsync(CancellationToken cancellationToken)
    {
        var machine = part.Lab.Azure.Machines[^1];
        await part.Lab.StartNodeAsync(machine, cancellationToken);
        await part.Release.ReadyAsync(cancellationToken);
        await part.ScaleAcrossAsync(Pods, cancellationToken);
        return await part.Traffic.EveryPodAsync(cancellationToken);
    }

    private async Task<string> DrainAsync(CancellationToken cancellationToken)
    {
        await part.Lab.KubectlAsync("drain node1 --ignore-daemonsets --force --delete-emptydir-data --timeout=120s", cancellationToken);
        await part.WebAsync(Pods, cancellationToken);
        if ((await part.Traffic.WebPodsAsync(cancellationToken)).Any(pod => pod.Node == "node1"))
            throw new ShellException("web pods are on node1 still");
        var seen = await part.Addresses.UniqueAsync(cancellationToken);
        await part.Lab.KubectlAsync("uncordon node1", cancellationToken);
        return seen;
    }

    private async Task<string> KillAsync(CancellationToken cancellationToken)
    {
        var machine = part.Lab.Azure.Machines[1];
        await part.Lab.DestroyNodeAsync(machine.Name, cancellationToken);
        await part.Lab.Arm.DeallocateAsync(LabAzure.VmResourceId(machine), cancellationToken);
        await part.Lab.KubectlAsync($"delete node {machine.Name}", cancellationToken);
        var freed = await Wait.ForAsync("its addresses are freed", TimeSpan.FromMinutes(15), async () =>
        {
            var left = await part.Addresses.OnNicAsync(machine.Mac, cancellationToken);
            return left == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{left} addresses are on its NIC");
        }, cancellationToken);
        await part.WebAsync(Pods, cancellationToken);
        await part.Addresses.UniqueAsync(cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"all its addresses were freed in {freed.TotalSeconds:0} s; {Pods} pods run on the others");
    }

    private async Task<string> ReturnAsync(CancellationToken cancellationToken)
    {
        var machine = part.Lab.Azure.Machines[1];
        await part.Lab.Arm.StartVmAsync(LabAzure.VmResourceId(machine), cancellationToken);
        await part.Lab.StartNodeAsync(machine, cancellationToken);
        await part.Release.ReadyAsync(cancellationToken);
        await part.ScaleAcrossAsync(Pods * 2, cancellationToken);
        await part.Addresses.UniqueAsync(cancellationToken);
        return await part.Traffic.EveryPodAsync(cancellationToken);
    }

    // As a VM that loses power: its Node object and its pods stay, its NIC keeps its addresses.
    private async Task<string> RebootAsync(CancellationToken cancellationToken)
    {
        var machine = part.Lab.Azure.Machines[1];
        var before = await ContainersAsync(machine.Name, cancellationToken);
        await part.Lab.DestroyNodeAsync(machine.Name, cancellationToken);
        await part.Lab.StartNodeAsync(machine, cancellationToken);
        // Until its new kubelet speaks, the API server shows what the old one said last.
        await Wait.ForAsync($"the containers of {machine.Name} run again", TimeSpan.FromSeconds(180), async () =>
        {
            var old = (await ContainersAsync(machine.Name, cancellationToken)).Intersect(before, StringComparer.Ordinal).Count();
            return old == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{old} are shown that ended with the machine");
        }, cancellationToken);
        await part.Release.ReadyAsync(cancellationToken);
        await part.WebAsync(Pods * 2, cancellationToken);
        await part.Addresses.UniqueAsync(cancellationToken);
        return await part.Traffic.EveryPodAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<string>> ContainersAsync(string node, CancellationToken cancellationToken) =>
        (await part.Lab.KubectlAsync($"get pods -A --field-selector spec.nodeName={node} -o jsonpath={{.items[*].status.containerStatuses[*].containerID}}", cancellationToken))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
