using System.Diagnostics.Metrics;

namespace Vnetcni.NodeAgent;

/// <summary>The agent's instruments. Labels are bounded: a verb's result and an address's state.</summary>
public sealed class AgentMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Vnetcni.NodeAgent";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    };

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _adds;
    private readonly Histogram<double> _deletes;
    private readonly Counter<long> _swept;
    private readonly Counter<long> _reports;
    private readonly Counter<long> _quarantines;
    private readonly Counter<long> _leaks;
    private readonly Counter<long> _looks;

    /// <summary>Makes the instruments.</summary>
    public AgentMetrics()
    {
        _adds = _meter.CreateHistogram("vnetcni.agent.add.duration", "s", "Time of an ADD in the agent, waiting included, by result.", null, Seconds);
        _deletes = _meter.CreateHistogram("vnetcni.agent.delete.duration", "s", "Time of a DEL in the agent, by result.", null, Seconds);
        _swept = _meter.CreateCounter<long>("vnetcni.agent.links.swept", "{link}", "Host links deleted by the reaper.");
        _reports = _meter.CreateCounter<long>("vnetcni.agent.usage.writes", "{write}", "Usage reports sent, by result.");
        _quarantines = _meter.CreateCounter<long>("vnetcni.agent.quarantines", "{address}", "Addresses taken out of use because ledger and kernel contradicted each other.");
        _leaks = _meter.CreateCounter<long>("vnetcni.agent.leaks.repaired", "{leak}", "Addresses freed and links removed without a DEL, by kind.");
        _looks = _meter.CreateCounter<long>("vnetcni.agent.looks", "{look}", "Comparisons of ledger, kernel and container runtime, by result.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void AddDone(TimeSpan elapsed, string result) =>
        _adds.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("result", result));

    internal void DeleteDone(TimeSpan elapsed, string result) =>
        _deletes.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("result", result));

    internal void Swept(int links) => _swept.Add(links);

    internal void Reported(string result) => _reports.Add(1, new KeyValuePair<string, object?>("result", result));

    internal void Quarantined() => _quarantines.Add(1);

    internal void LeakRepaired(string kind) => _leaks.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal void Looked(string result) => _looks.Add(1, new KeyValuePair<string, object?>("result", result));

    internal void Observe(Allocation.AddressBook book, Allocation.Checkpoint.ILedgerStore store)
    {
        _meter.CreateObservableCounter(
            "vnetcni.agent.checkpoint.compaction.failures", () => store.FailedCompactions, "{failure}",
            "Rewrites of the ledger's checkpoint that failed; the longer file stays in use.");
        _meter.CreateObservableGauge(
            "vnetcni.agent.addresses",
            () =>
            {
                var count = book.Count();
                return new Measurement<int>[]
                {
                    Of(count.Assignable, "free"), Of(count.InUse, "in_use"), Of(count.Cooling, "cooling"),
                    Of(count.Offered, "offered"), Of(count.Quarantined, "quarantined"), Of(count.Missing, "missing"),
                };
            },
            "{address}",
            "Addresses of the node by state; missing ones are in use and not listed in the pool's status.");
        _meter.CreateObservableGauge("vnetcni.agent.adds.waiting", () => book.Waiting, "{add}", "ADDs that wait for an address.");
    }

    private static Measurement<int> Of(int value, string state) => new(value, new KeyValuePair<string, object?>("state", state));
}
