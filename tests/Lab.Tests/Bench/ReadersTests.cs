using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Bench.Running;
using Xunit;

namespace Vnetcni.Lab.Tests.Bench;

public sealed class ReadersTests
{
    [Fact]
    public void The_driver_s_lines_are_read()
    {
        var run = Assert.Single(DriverRun.Parse(
            """
            {"label":"x","op":"ADD","n":3,"j":1,"per_s":100.5,"user_ms":1.25,"sys_ms":0.500,"agent_user_ms":0.250,"agent_sys_ms":0.125,"maxrss_kb":2300,"errors":0,"ms":[2.5,1.5,9.0]}
            """));
        Assert.Equal("ADD", run.Verb);
        Assert.Equal([2.5, 1.5, 9], run.Samples);
        Assert.Equal((100.5, 1.75, 0.375, 2300L, 0), (run.PerSecond, run.PluginCpu, run.AgentCpu, run.PeakKiB, run.Errors));
    }

    [Theory]
    [InlineData("ADD pod 1 vnetcni: exit 1")]
    [InlineData("{\"op\":\"ADD\"}")]
    public void Other_words_of_the_driver_are_refused(string output) =>
        Assert.Throws<FormatException>(() => DriverRun.Parse(output));

    [Fact]
    public void Memory_is_read_from_a_status()
    {
        Assert.Equal(new ProcessMemory(61_000, 30_100, 17), ProcessMemory.Parse("Name:\tx\nVmRSS:\t   61000 kB\nRssAnon:\t   30100 kB\nThreads:\t17\n"));
        // A process that is ending has no memory any more.
        Assert.Throws<IOException>(() => ProcessMemory.Parse("Name:\tx\nState:\tZ (zombie)\nThreads:\t1\n"));
    }

    [Fact]
    public void Quantiles_are_of_the_nearest_rank()
    {
        double[] samples = [5, 1, 4, 2, 3];
        Assert.Equal(3, Statistics.Median(samples));
        Assert.Equal(5, Statistics.Quantile(samples, 0.99));
        Assert.Equal(0, Statistics.Median([]));
    }

    [Fact]
    public void A_median_knows_how_sure_it_is()
    {
        // Of 100, ranks 50 -+ 10.
        Assert.Equal(new Interval(50, 40, 60), Statistics.MedianInterval(Enumerable.Range(1, 100).Select(n => (double)n).Reverse()));
        Assert.Equal(new Interval(2, 1, 3), Statistics.MedianInterval([3, 1, 2]));
        Assert.Equal(new Interval(0, 0, 0), Statistics.MedianInterval([]));
    }

    [Fact]
    public void Costs_are_compared_round_by_round()
    {
        // The second round fell into a busy moment: its ratio is as good as any.
        var samples = PathCostBench.Parse(
            """
            {"name":"a","transaction_ns":[100.0,900.0],"megabyte_ns":[10.0,20.0]}
            {"name":"b","transaction_ns":[200.0,1800.0],"megabyte_ns":[5.0,10.0]}
            {"name":"a","transaction_ns":[100.0],"megabyte_ns":[10.0]}
            {"name":"b","transaction_ns":[200.0],"megabyte_ns":[5.0]}
            """);
        var cost = PathCostBench.Compare(samples, "a", "b");
        Assert.Equal((3, 100.0, 2.0, 0.5), (cost.Rounds, cost.TransactionNs, cost.Transactions.Median, cost.Stream.Median));
        Assert.Throws<FormatException>(() => PathCostBench.Parse("connect: no route to host"));
        Assert.Throws<FormatException>(() => PathCostBench.Parse("{\"name\":\"a\"}"));
    }

    [Fact]
    public void A_program_with_an_interpreter_is_not_static() => Assert.False(Machine.IsStatic("/bin/sh"));
}
