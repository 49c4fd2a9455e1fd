using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.VirtualMachines;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>What is known of a pool's Node and VM.</summary>
/// <param name="NodePresent">Whether the Node exists.</param>
/// <param name="DrainConsented">Whether all addresses may be taken back without the agent's word.</param>
internal readonly record struct Consent(bool NodePresent, bool DrainConsented);

/// <summary>
/// Whether a node's addresses may be taken back without its agent: its VM is gone or deallocated, or another VM has its id and not its
/// interface, or the Node has been absent for long and no Pod is bound to it. Absence is counted from when this process saw it.
/// </summary>
internal sealed class NodeAbsence(OperatorContext context, VirtualMachineClient machines, NetworkInterfaceClient nics, ArmPause pause)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> absentSince = new(StringComparer.Ordinal);

    /// <summary>Checks now, with consistent reads.</summary>
    public async Task<Consent> CheckAsync(NodeIpPool pool, CancellationToken cancellationToken)
    {
        var name = pool.Metadata.Name;
        var key = new ObjectKey(name);
        if (context.Nodes.Get(key) is not null || await context.Api.GetAsync(KubeKinds.Nodes, key, cancellationToken) is not null)
        {
            lock (gate)
                absentSince.Remove(name);
            return new Consent(NodePresent: true, DrainConsented: context.Settings.Uninstalling);
        }

        if (context.Settings.Uninstalling)
            return new Consent(NodePresent: false, DrainConsented: true);
        long since;
        lock (gate)
        {
            if (!absentSince.TryGetValue(name, out since))
                absentSince.Add(name, since = context.Time.GetTimestamp());
        }

        if (await IsVmOffAsync(pool, cancellationToken))
            return new Consent(NodePresent: false, DrainConsented: true);
        var longAbsent = context.Time.GetElapsedTime(since) >= context.Settings.NodeAbsence;
        return new Consent(NodePresent: false, longAbsent && !await HasPodsAsync(name, cancellationToken));
    }

    /// <summary>Forgets a pool that is gone.</summary>
    public void Forget(string name)
    {
        lock (gate)
            absentSince.Remove(name);
    }

    // Gone or deallocated. Its interface may be there all the same.
    private async Task<bool> IsVmOffAsync(NodeIpPool pool, CancellationToken cancellationToken)
    {
        if (!ProviderId.TryParse(pool.Status?.Node?.ProviderId, out var id) || pause.Left(id.Vm.SubscriptionId) > TimeSpan.Zero)
            return false;
        var vm = await machines.GetAsync(id.Vm, cancellationToken);
        if (!vm.IsSuccess)
        {
            pause.Note(id.Vm.SubscriptionId, vm.Error);
            return vm.Error.Cause == ArmCause.NotFound;
        }

        // The same id with another vmId is another machine.
        var other = pool.Status?.Node?.VmId is { Length: > 0 } known && !known.Equals(vm.Value.VmId, StringComparison.OrdinalIgnoreCase);
        return vm.Value.IsDeallocated || (other && !await HasInterfaceAsync(pool, id.Vm, cancellationToken));
    }

    /// <summary>
    /// Whether the machine of that id has the pool's interface: then its pods may have our addresses, whatever vmId the status names. A
    /// leader that had not heard of a replacement may have written the one before.
    /// </summary>
    private async Task<bool> HasInterfaceAsync(NodeIpPool pool, ResourceId machine, CancellationToken cancellationToken)
    {
        if (pool.Status?.NetworkInterfaces is not [{ Id: { } text }, ..] || !ResourceId.TryParse(text, out var id))
            return false;
        var read = await nics.GetAsync(id, cancellationToken);
        if (!read.IsSuccess)
        {
            pause.Note(id.SubscriptionId, read.Error);
            return read.Error.Cause != ArmCause.NotFound;
        }

        using var nic = read.Value;
        var known = pool.Status.Node?.NicResourceGuid ?? string.Empty;
        var replaced = known.Length != 0 && !known.Equals(nic.ResourceGuid, StringComparison.OrdinalIgnoreCase);
        return !replaced && ResourceId.TryParse(nic.VirtualMachineId, out var on) && on.Equals(machine);
    }

    private async Task<bool> HasPodsAsync(string node, CancellationToken cancellationToken)
    {
        var options = new KubeListOptions { FieldSelector = $"spec.nodeName={node}", Limit = 1 };
        return (await context.Api.ListAsync(KubeKinds.Pods, options, cancellationToken)).Items.Count != 0;
    }
}
