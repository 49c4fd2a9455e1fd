using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.Ledger.Leaks;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Reporting;

namespace Vnetcni.NodeAgent.Leaks;

/// <summary>
/// Compares ledger, kernel and container runtime now and then, and carries out what <see cref="LeakFinder"/> says. Every step is
/// compared with the present once more when it is done, under the ledger's lock.
/// </summary>
internal sealed partial class LeakWatch(
    AddressBook book, INodeNetwork network, Attachments attachments, ISandboxes sandboxes, AgentSettings settings, NodeReport report,
    AgentMetrics metrics, TimeProvider time, Jitter jitter, ILogger logger)
{
    private readonly long _origin = time.GetTimestamp();
    private LeakMemory _memory = LeakMemory.Nothing;

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(jitter.Spread(settings.LeakInterval, 0.2), time, cancellationToken);
            await LookAsync(cancellationToken);
        }
    }

    /// <summary>One look.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<KernelLink> links;
        try
        {
            links = [.. (await network.ListAsync(cancellationToken)).Select(LinkAlias.AsLink)];
        }
        catch (DataplaneException e)
        {
            metrics.Looked("kernel");
            LookFailed(logger, e.Message);
            return;
        }

        var witness = await sandboxes.AskAsync(cancellationToken);
        // Not the wall clock: it may be set, and a grace period must not end by that.
        var now = DateTimeOffset.UnixEpoch + time.GetElapsedTime(_origin);
        var outcome = LeakFinder.Look(_memory, book.Look(links, witness), settings.Leaks, now);
        _memory = outcome.Memory;
        foreach (var step in outcome.Steps)
            await TryDoAsync(step);
        metrics.Looked(ReferenceEquals(witness, SandboxWitness.Silent) ? "no_runtime" : "ok");
    }

    private async Task TryDoAsync(LeakStep step)
    {
        try
        {
            await DoAsync(step);
        }
        catch (CniException e)
        {
            // Found again by the next looks.
            StepFailed(logger, step.Reason, $"{e.Message}: {e.Details}");
        }
    }

    private async Task DoAsync(LeakStep step)
    {
        switch (step)
        {
            case LeakStep.FreeAttachment free when book.Has(new MadeAttachment(free.Owner, free.Attachment)):
                await attachments.UndoAsync(free.Owner, free.Attachment);
                report.LeakRepaired("address", $"{free.Address} is freed: {free.Reason}");
                break;
            case LeakStep.RemoveLink remove when book.Loosen(remove.Link.HostInterface, remove.Link.Address, remove.Link.Owner):
                report.LeakRepaired("link", $"{remove.Link.HostInterface} is removed: {remove.Reason}");
                break;
            case LeakStep.QuarantineAddress quarantine when book.Quarantine(quarantine):
                report.Quarantined(quarantine.Address, quarantine.Reason);
                break;
            case LeakStep.LiftQuarantine lift when book.Lift(lift):
                Lifted(logger, lift.Address, lift.Reason);
                break;
            case LeakStep.Complain complaint:
                Wrong(logger, complaint.Reason);
                break;
            default:
                Overtaken(logger, step.Reason);
                break;
        }
    }
}
