using Vnetcni.Lab.Soak.Figures;
using Xunit;

namespace Vnetcni.Lab.Tests.Soak;

public sealed class FiguresTests
{
    [Fact]
    public void Quantiles_are_of_the_nearest_rank()
    {
        double[] hundred = [.. Enumerable.Range(1, 100).Select(i => (double)i)];
        Assert.Equal(50, CallLog.Quantile(hundred, 0.5));
        Assert.Equal(99, CallLog.Quantile(hundred, 0.99));
        Assert.Equal(1, CallLog.Quantile([1], 0.99));
        Assert.Equal(0, CallLog.Quantile([], 0.5));
    }

    [Fact]
    public void The_figures_tell_rates_by_part_and_failures_by_code()
    {
        var log = new CallLog();
        for (var i = 1; i <= 20; i++)
            log.Succeeded("ADD", TimeSpan.FromMilliseconds(i));
        log.Part = 2;
        log.Succeeded("ADD", TimeSpan.FromMilliseconds(5));
        log.Failed("ADD", 11, retryable: true, "the agent is away");
        log.Failed("ADD", 11, retryable: true, "again");
        log.Note("agents killed", 3);
        var text = log.Text(new Dictionary<int, TimeSpan> { [1] = TimeSpan.FromSeconds(2), [2] = TimeSpan.FromSeconds(1) });
        Assert.Matches(@"part 1  ADD +20 +10\.0/s +p50 +10\.0 ms +p99 +20\.0 ms", text);
        Assert.Matches(@"part 2  ADD +1 +1\.0/s", text);
        Assert.Matches(@"ADD +2 +failed with code 11 \(to be retried\), such as: the agent is away", text);
        Assert.Matches(@" 3 +agents killed", text);
        Assert.Equal(21, log.CountOf("ADD"));
    }

    [Fact]
    public void Growth_from_a_warm_process_to_its_end_is_bound()
    {
        var growth = new Growth();
        Life(growth, "steady", warm: 100_000, last: 130_000, descriptors: 200);
        Assert.Empty(growth.Breaches());
        Life(growth, "fat", warm: 100_000, last: 300_000, descriptors: 200);
        Life(growth, "open", warm: 100_000, last: 100_000, descriptors: 300);
        Assert.Equal(["fat (process 1) has grown from 97 to 292 MiB", "open (process 1) has grown from 200 to 300 descriptors"], growth.Breaches());
    }

    [Fact]
    public void A_process_that_was_killed_young_is_not_judged()
    {
        var growth = new Growth();
        growth.Add("young", 1, new ProcessSample(TimeSpan.FromSeconds(1), 50_000, 10));
        growth.Add("young", 1, new ProcessSample(TimeSpan.FromSeconds(9), 500_000, 10));
        Assert.Empty(growth.Breaches());
        Assert.Empty(growth.Text());
    }

    private static void Life(Growth growth, string name, long warm, long last, int descriptors)
    {
        growth.Add(name, 1, new ProcessSample(TimeSpan.FromSeconds(1), 60_000, 150));
        growth.Add(name, 1, new ProcessSample(TimeSpan.FromSeconds(25), warm, 200));
        growth.Add(name, 1, new ProcessSample(TimeSpan.FromSeconds(90), last, descriptors));
    }
}
