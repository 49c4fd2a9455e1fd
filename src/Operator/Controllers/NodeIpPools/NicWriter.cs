using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Planning;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Sends a PUT and says in the status what came of it.</summary>
internal sealed class NicWriter(
    OperatorContext context, NetworkInterfaceClient nics, OwnedNames names, StatusWriter statuses, Faults faults)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2);

    public async Task<ReconcileResult> PutAsync(PoolRun run, Put put, CancellationToken cancellationToken)
    {
        var memory = run.Memory;
        NicPutOutcome outcome;
        var began = context.Time.GetTimestamp();
        using (var body = NicSplice.Apply(run.Nic!, names, [.. put.Add.Select(static slot => new NicAddition(slot))], put.Remove))
            outcome = await nics.PutAsync(run.Binding.Nic, body.Utf8, put.IfMatch, cancellationToken);
        if (!outcome.IsAccepted)
        {
            Metrics.Put(outcome.Error.Cause.ToString());
            return await RefusedAsync(run, put, outcome.Error, cancellationToken);
        }

        Metrics.Put("accepted");
        (memory.Failures, memory.Conflicts) = (0, 0);
        memory.Sent = new SentPut(put.Add.Length, put.Remove.Length, began, outcome.CorrelationId);
        var look = outcome.RetryAfter ?? FirstLook;
        memory.Look = (context.Time.GetTimestamp(), look);
        var status = run.Pool.Status! with
        {
            Operation = new OperationStatus { Url = outcome.OperationUrl, Kind = OperationKinds.NetworkInterfacePut, StartedAt = context.Now },
        };
        // A fence changes nothing that a person could see: the verdict before it stands.
        if (!put.IsFence)
            status = statuses.With(run.Pool, status, Verdicts.Changing(run.Held, put.Add.Length, put.Remove.Length), run.Held + put.Add.Length - put.Remove.Length);
        await statuses.WriteAsync(run.Pool, status, cancellationToken);
        return ReconcileResult.After(look, 1);
    }

    private async Task<ReconcileResult> RefusedAsync(PoolRun run, Put put, ArmError error, CancellationToken cancellationToken)
    {
        var nic = run.Binding.Nic.Name;
        if (error.Action == ArmAction.ReRead)
        {
            context.Recorder.Conflict(run.Pool, nic);
            return faults.Again(run.Memory);
        }

        // What cannot be added is not tried again soon; what is to be released goes through, and the reservation is resolved.
        if (error.Action == ArmAction.GiveUp && error.Cause != ArmCause.NotFound && put.Add.Length > 0)
        {
            faults.NoGrowth(run.Memory, error);
            await faults.TellAsync(run.Pool, faults.GrowthVerdict(run), cancellationToken);
            return faults.Again(run.Memory);
        }

        return await faults.OfErrorAsync(run.Pool, run.Memory, error, $"write interface {nic}", cancellationToken);
    }
}
