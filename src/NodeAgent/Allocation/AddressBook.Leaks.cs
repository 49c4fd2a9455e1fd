using Vnetcni.Ipam.Ledger;
using Vnetcni.Ipam.Ledger.Leaks;

namespace Vnetcni.NodeAgent.Allocation;

// The comparison with the kernel and the container runtime.
internal sealed partial class AddressBook
{
    /// <summary>The ledger as it is now, beside what the others said a moment ago.</summary>
    public NodeLook Look(IReadOnlyList<KernelLink> links, SandboxWitness sandboxes)
    {
        lock (_gate)
        {
            return new NodeLook
            {
                Ledger = [.. ledger.Entries.Select(entry => new SeenEntry(entry.ToRecord(), entry.Attachment))],
                Links = links,
                Sandboxes = sandboxes,
                Adding = _adds.Keys.ToHashSet(),
                Busy = _adds.Values.Select(add => add.HostInterface).Concat(_loose.Keys).ToHashSet(StringComparer.Ordinal),
            };
        }
    }

    /// <summary>Takes an address out of use. False, and nothing is done, when it is not any more what the step was decided on.</summary>
    public bool Quarantine(LeakStep.QuarantineAddress step)
    {
        lock (_gate)
        {
            var entry = ledger.TryFind(step.Address, out var found) ? found : null;
            if (entry?.State != step.Was || (entry?.Attachment ?? 0) != step.Attachment || step.Claimants.Any(_adds.ContainsKey))
                return false;
            TryKeep(ledger.Quarantine(step.Address, step.Claimants, step.Reason, time.GetUtcNow(), step.HostInterface));
        }

        Usage.Set();
        return true;
    }

    /// <summary>Ends a quarantine. False, and nothing is done, when somebody claims the address by now.</summary>
    public bool Lift(LeakStep.LiftQuarantine step)
    {
        lock (_gate)
        {
            if (!ledger.TryFind(step.Address, out var entry) || entry.State != AddressState.Quarantined || entry.Claimants.Count > 0)
                return false;
            ledger.Lift(entry, time.GetUtcNow());
            if (ledger.TryFind(step.Address, out _))
                TryKeep(entry);
            else
                Forget(step.Address);
        }

        Reaping.Set();
        Usage.Set();
        return true;
    }

    /// <summary>Whether this attachment is still there: nobody freed it meanwhile, and no ADD of its owner runs.</summary>
    public bool Has(MadeAttachment made)
    {
        lock (_gate)
            return IsThere(made) && (made.Number != 0 || ledger.Entries.Any(entry => entry.Claimants.Contains(made.Owner)));
    }
}
