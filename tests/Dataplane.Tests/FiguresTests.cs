using System.Diagnostics;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

/// <summary>Measures attach and detach in this process; the figures go to the test's output. The bounds are loose: machines differ.</summary>
public sealed class FiguresTests(ITestOutputHelper output)
{
    private const int Pods = 100;
    private const int Rounds = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Attach_and_detach_are_fast(int parallel)
    {
        using var bed = new DataplaneBed();
        var requests = Enumerable.Range(0, Pods).Select(i => bed.Request(bed.Pod($"pod{i}"), i)).ToArray();
        await bed.Network.PrepareAsync([.. requests.Select(request => request.Address)], Token);
        var figures = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = 0; round <= Rounds; round++)
        {
            // The first round warms up.
            await Measure("attach", round > 0, request => bed.Network.AttachAsync(request, Token));
            await Measure("check", round > 0, request => bed.Network.CheckAsync(request, Token));
            await Measure("detach", round > 0, request => bed.Network.DetachAsync(request.HostInterface, request.Address, Token));
            var begun = Stopwatch.GetTimestamp();
            await bed.Network.ReapAsync(Token);
            if (round > 0)
                output.WriteLine($"reap of {Pods} links: {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F1} ms");
        }
        foreach (var (what, times) in figures)
        {
            times.Sort();
            output.WriteLine($"{what} x{parallel}: p50 {times[times.Count / 2]:F2} ms, p99 {times[times.Count * 99 / 100]:F2} ms");
            Assert.InRange(times[times.Count / 2], 0, 50);
        }

        async Task Measure(string what, bool keep, Func<AttachRequest, Task> call)
        {
            var times = figures.TryGetValue(what, out var found) ? found : figures[what] = [];
            var next = -1;
            var whole = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, parallel).Select(async _ =>
            {
                for (var i = Interlocked.Increment(ref next); i < Pods; i = Interlocked.Increment(ref next))
                {
                    var begun = Stopwatch.GetTimestamp();
                    await call(requests[i]);
                    if (!keep)
                        continue;
                    lock (times)
                        times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                }
            }));
            if (keep)
                output.WriteLine($"{what} x{parallel}: {Pods / Stopwatch.GetElapsedTime(whole).TotalSeconds:F0}/s");
        }
    }
}
