using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>The budgets as the pools' workers see them.</summary>
internal sealed class Ledgers
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Ledger> ledgers = new(StringComparer.Ordinal);

    /// <summary>Wakes the loop of a virtual network; set once, before anything runs.</summary>
    public Action<ObjectKey> Wake { get; set; } = static _ => { };

    /// <summary>Asks for a fresh look at ARM; set once, before anything runs.</summary>
    public Action<ObjectKey> Look { get; set; } = static _ => { };

    /// <summary>Asks for the shares to be computed anew; set once, before anything runs.</summary>
    public Action<ObjectKey> Divide { get; set; } = static _ => { };

    /// <summary>Wakes a pool's controller; set once, before anything runs.</summary>
    public Action<ObjectKey> WakePool { get; set; } = static _ => { };

    public Ledger Get(string name)
    {
        lock (gate)
        {
            if (!ledgers.TryGetValue(name, out var ledger))
                ledgers.Add(name, ledger = new Ledger(name));
            return ledger;
        }
    }

    /// <summary>The share of a pool, if it has one.</summary>
    public FairShareOf? ShareOf(string network, string pool) =>
        Get(network).Shares is { } shares && shares.TryGetValue(pool, out var share) ? share : null;

    /// <summary>A new term: nothing that was known counts. Before the loops run.</summary>
    public void Reset(string name)
    {
        var ledger = Get(name);
        (ledger.Object, ledger.CountedUid, ledger.Shares) = (null, string.Empty, null);
        ledger.Epoch++;
    }

    /// <summary>A read that begins after this call. Throws what the read threw.</summary>
    public async Task<BudgetView> ReadAsync(string network, CancellationToken cancellationToken)
    {
        var read = Get(network).Read();
        Wake(new ObjectKey(network));
        var view = await read.WaitAsync(cancellationToken);
        // The loop that answered does not run its readers.
        await Task.Yield();
        return view;
    }

    /// <summary>
    /// Puts a request into the next round and waits until that is written. Throws when its fate is unknown: read again.
    /// </summary>
    public async Task<BudgetOutcome> SubmitAsync(string network, BudgetRequest request, long epoch, CancellationToken cancellationToken)
    {
        var answer = Get(network).Submit(request, epoch);
        Wake(new ObjectKey(network));
        var outcome = await answer.WaitAsync(cancellationToken);
        await Task.Yield();
        return outcome;
    }
}
