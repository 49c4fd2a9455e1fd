using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.Planning;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Sends a PUT and says in the status what came of it.</summary>
internal sealed class NicWriter(
    OperatorContext context, NetworkInterfaceClient nics, OwnedNames names, StatusWriter statuses, Faults faults, LookPace pace)
{
    public async Task<ReconcileResult> PutAsync(PoolRun run, Put put, CancellationToken cancellationToken)
    {
        var memory = run.Memory;
        NicPutOutcome outcome;
        var began = context.Time.GetTimestamp();
        using (var body = NicSplice.Apply(run.Nic!, names, Additions(put), put.Remove))
            outcome = await nics.PutAsync(run.Binding.Nic, body.Utf8, put.IfMatch, PriorityOf(run, put), cancellationToken);
        if (!outcome.IsAccepted)
        {
            Metrics.Put(outcome.Error.Cause.ToString());
            return await RefusedAsync(run, put, outcome.Error, cancellationToken);
        }

        Metrics.Put("accepted");
        (memory.Failures, memory.Forbidden, memory.Conflicts, memory.Silence) = (0, 0, 0, default);
        memory.Sent = new SentPut([.. put.Add, .. put.PutBack.Select(static s => s.Slot)], put.Remove, put.IfMatch, began, outcome.CorrelationId)
        {
            PutBack = [.. put.PutBack.Select(static s => s.Address)],
        };
        memory.MissedSince = null;
        foreach (var back in put.PutBack)
            memory.Removed.Sent(back.Address);
        var look = pace.First(run.Binding.Nic, outcome.RetryAfter);
        memory.Look = (context.Time.GetTimestamp(), look);
        var status = run.Pool.Status! with
        {
            Operation = new OperationStatus { Url = Fitting(outcome.OperationUrl), Kind = run.Nic!.IsOfScaleSet ? OperationKinds.ScaleSetVmPut : OperationKinds.NetworkInterfacePut, StartedAt = context.Now },
        };
        // A fence changes nothing that a person could see: the verdict before it stands.
        if (!put.IsFence || memory.Drift is not null)
            status = statuses.With(run.Pool, status, Verdicts.Changing(run.Held, put.Add.Length, put.Remove.Length) with { Drift = memory.Drift }, run.Held + put.Add.Length - put.Remove.Length);
        await statuses.WriteAsync(run.Pool, status, cancellationToken);
        return ReconcileResult.After(look, 1);
    }

    private static ArmPriority PriorityOf(PoolRun run, Put put) => put.Add.Length + put.PutBack.Length == 0
        ? ArmPriority.Release
        : Starves(run.Pool) ? ArmPriority.Starved : ArmPriority.Normal;

    /// <summary>Whether pods wait for what a write would bring, or would if there were any: the node has nothing yet.</summary>
    internal static bool Starves(NodeIpPool pool) => pool.Status?.Usage?.Waiting > 0 || pool.Status?.Held is null or 0;

    // A model may want what an earlier change added and Azure had no room for.
    private static int Unplaced(PoolRun run, Put put) => run.Memory.Growth is { Error.Action: ArmAction.GiveUp }
        ? 0
        : run.NicSnapshot.Owned.Count(a => a.Address.IsNone && !put.Remove.Contains(a.Slot));

    private static NicAddition[] Additions(Put put) =>
    [
        .. put.PutBack.Select(static s => new NicAddition(s.Slot, s.Address.ToString())),
        .. put.Add.Select(static slot => new NicAddition(slot)),
    ];

    // Without an URL the interface itself says whether something runs: better than a status that the schema refuses.
    private static string? Fitting(string? url) => url is { Length: <= OperationStatus.MaxUrlLength } ? url : null;

    private async Task<ReconcileResult> RefusedAsync(PoolRun run, Put put, ArmError error, CancellationToken cancellationToken)
    {
        var nic = run.Binding.Nic.Name;
        if (error.Action == ArmAction.ReRead)
        {
            context.Recorder.Conflict(run.Pool, nic);
            return faults.Again(run.Memory);
        }

        if (faults.Lose(run.Pool, run.Memory, [.. put.PutBack.Select(static s => s.Address)], error))
            return faults.Again(run.Memory);

        // What cannot be added is not tried again soon; what is to be released goes through, and the reservation is resolved.
        if (error.Action == ArmAction.GiveUp && error.Cause != ArmCause.NotFound && put.Add.Length + put.PutBack.Length + Unplaced(run, put) > 0)
        {
            faults.NoGrowth(run.Memory, error);
            await faults.TellAsync(run.Pool, faults.GrowthVerdict(run), cancellationToken);
            return faults.Again(run.Memory);
        }

        return await faults.OfErrorAsync(run.Pool, run.Memory, error, $"write interface {nic}", cancellationToken);
    }
}
