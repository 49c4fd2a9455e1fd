using System.Diagnostics.Metrics;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Reconciliation;

public sealed class RuntimeMetricsTests
{
    private sealed class Reconciler(Simulator sim) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            await sim.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            return key.Name switch
            {
                "fails" => throw new InvalidOperationException("no"),
                "ends" => throw new TerminalException("never"),
                "again" => ReconcileResult.After(TimeSpan.FromHours(1)),
                _ => ReconcileResult.Done,
            };
        }
    }

    [Fact]
    public void Reconciles_are_measured_by_controller_and_result_and_never_by_object()
    {
        const string Controller = "measured";
        var sums = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var labels = new SortedSet<string>(StringComparer.Ordinal);
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray();
            if (!all.Any(t => t.Key == "controller" && Equals(t.Value, Controller)))
                return;
            labels.UnionWith(all.Select(t => t.Key));
            var result = all.FirstOrDefault(t => t.Key == "result").Value;
            var name = instrument.Name["vnetcni.controller.".Length..] + (result is null ? "" : $":{result}");
            sums[name] = sums.GetValueOrDefault(name) + value;
        }

        using var listener = new MeterListener();
        listener.InstrumentPublished = (i, l) =>
        {
            if (i.Meter.Name == RuntimeMetrics.Name)
                l.EnableMeasurementEvents(i);
        };
        listener.SetMeasurementEventCallback<long>((i, v, t, _) => Add(i, v, t));
        listener.SetMeasurementEventCallback<double>((i, v, t, _) => Add(i, v, t));
        listener.Start();
        Simulator.Run(1, async s =>
        {
            using var controller = new Controller(Controller, new Reconciler(s), s.Time, new Jitter(1));
            using var stop = new CancellationTokenSource();
            var run = s.Spawn("controller", () => controller.RunAsync(stop.Token));
            foreach (var name in new[] { "good", "again", "ends", "fails" })
                controller.Queue.Add(new ObjectKey(name));
            await s.Delay(TimeSpan.FromSeconds(8.1));
            stop.Cancel();
            await run;
        });
        Assert.Equal(["controller", "result"], labels);
        Assert.Equal((1, 1, 1, 1), (sums["reconcile:success"], sums["reconcile:requeue_after"], sums["reconcile:terminal"], sums["reconcile:error"]));
        Assert.Equal((2, 1, 8.0), (sums["reconcile.errors"], sums["queue.retries"], sums["reconcile.duration"]));
        Assert.Equal((0, 0), (sums["queue.depth"], sums["workers.active"]));
        Assert.Equal(2 + 4 + 6, sums["queue.wait"]);
    }
}
