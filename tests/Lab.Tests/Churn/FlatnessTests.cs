using Vnetcni.Lab.Churn;
using Xunit;

namespace Vnetcni.Lab.Tests.Churn;

public sealed class FlatnessTests
{
    [Fact]
    public void What_stays_level_is_flat()
    {
        var flat = Run(i => 30_000 + (i % 5 * 100));
        Assert.Null(flat.Breach());
        Assert.InRange(flat.Slope, -1, 1);
    }

    [Fact]
    public void Growth_in_the_warm_up_does_not_count() => Assert.Null(Run(i => i < 25 ? 10_000 + (i * 800) : 30_000).Breach());

    [Fact]
    public void What_keeps_growing_is_told()
    {
        // 1 KiB for 5 pods.
        var leak = Run(i => 20_000 + (i * 200));
        Assert.Equal(200, leak.Slope, 6);
        Assert.Contains("200.00 KiB for 1,000 pods", leak.Breach(), StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptors_that_pile_up_are_told() =>
        Assert.Contains("descriptors have grown", Run(_ => 30_000, i => 60 + i).Breach(), StringComparison.Ordinal);

    [Fact]
    public void Few_looks_prove_nothing() => Assert.NotNull(new Flatness([new MemorySample(1, 1000, 60)]).Breach());

    private static Flatness Run(Func<int, long> memory, Func<int, int>? descriptors = null) =>
        new([.. Enumerable.Range(0, 100).Select(i => new MemorySample(i * 1000, memory(i), descriptors?.Invoke(i) ?? 60))]);
}
