using CsCheck;
using Vnetcni.Ipam.PoolScaling;
using Xunit;

namespace Vnetcni.Ipam.Tests.PoolScaling;

public class ExcessWindowTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(3);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void An_excess_is_released_only_after_the_delay()
    {
        var (window, release) = ExcessWindow.Empty.Observe(40, 16, 30, Delay, Start);
        Assert.Equal(0, release);
        Assert.Equal(Start + Delay, window.Due(Delay));
        (window, release) = window.Observe(40, 16, 30, Delay, Start + Delay - TimeSpan.FromTicks(1));
        Assert.Equal(0, release);
        (window, release) = window.Observe(40, 16, 30, Delay, Start + Delay);
        Assert.Equal(24, release);
        Assert.Equal(ExcessWindow.Empty, window);
    }

    [Fact]
    public void A_dip_of_the_excess_limits_what_is_released()
    {
        var (window, _) = ExcessWindow.Empty.Observe(40, 16, 30, Delay, Start);
        (window, _) = window.Observe(40, 35, 30, Delay, Start + TimeSpan.FromMinutes(1));
        (window, var release) = window.Observe(40, 16, 30, Delay, Start + Delay);
        Assert.Equal(5, release);
        Assert.Equal(new ExcessWindow(Start + Delay, 19), window);
    }

    [Fact]
    public void An_end_of_the_excess_starts_the_delay_anew()
    {
        var (window, _) = ExcessWindow.Empty.Observe(40, 16, 30, Delay, Start);
        (window, _) = window.Observe(40, 40, 30, Delay, Start + TimeSpan.FromMinutes(2));
        Assert.Null(window.Due(Delay));
        (_, var release) = window.Observe(40, 16, 30, Delay, Start + Delay);
        Assert.Equal(0, release);
    }

    [Fact]
    public void No_more_is_released_than_was_too_much_at_every_moment_of_the_delay() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 90]).Array[1, 40].Sample(steps =>
        {
            var window = ExcessWindow.Empty;
            List<(DateTimeOffset At, int Excess)> seen = [];
            var now = Start;
            foreach (var (held, desired, free, seconds) in steps)
            {
                now += TimeSpan.FromSeconds(seconds);
                var excess = Math.Max(0, Math.Min(held - desired, free));
                seen.Add((now, excess));
                (window, var release) = window.Observe(held, desired, free, Delay, now);
                if (release == 0)
                    continue;
                Assert.True(release <= excess);
                Assert.All(seen.Where(s => s.At > now - Delay), s => Assert.True(s.Excess >= release));
                seen = [.. seen.Select(s => (s.At, s.Excess - release))];
            }
        });
}
