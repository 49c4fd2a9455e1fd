using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.VNetBudget;

public class BudgetTrendTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static BudgetTrend Of(params (double Minutes, int Used)[] samples) =>
        samples.Aggregate(BudgetTrend.Empty, static (trend, s) => trend.With(Start.AddMinutes(s.Minutes), s.Used));

    [Theory]
    [InlineData(60, 60, 1000, "about 17 h at 60 addresses an hour")]
    [InlineData(30, 60, 1000, "about 8 h at 120 addresses an hour")]
    [InlineData(60, 600, 100, "about 10 min at 600 addresses an hour")]
    [InlineData(60, 1234, 15_000, "about 12 h at 1230 addresses an hour")]
    [InlineData(60, 6000, 1, "about 1 min at 6000 addresses an hour")]
    [InlineData(60, 10, 1000, "about 4 days at 10 addresses an hour")]
    [InlineData(60, 1, 16_000, "more than 30 days at 1 addresses an hour")]
    [InlineData(50, 0, 16_000, "no growth")]
    [InlineData(50, -5, 16_000, "no growth")]
    [InlineData(60, 60, 0, "none left")]
    public void The_time_left_follows_from_what_is_free_and_how_fast_it_goes(int minutes, int grown, int free, string words) =>
        Assert.Equal(words, Of((0, 100), (minutes, 100 + grown)).Runway(free));

    [Fact]
    public void Nothing_is_said_of_less_than_ten_minutes()
    {
        Assert.Null(BudgetTrend.Empty.Runway(5));
        Assert.Null(Of((0, 1)).Runway(5));
        Assert.Null(Of((0, 1), (9.9, 100)).Runway(5));
        Assert.NotNull(Of((0, 1), (10, 100)).Runway(5));
    }

    [Fact]
    public void What_is_older_than_an_hour_does_not_count() =>
        Assert.Equal("no growth", Of((0, 0), (30, 500), (90, 500)).Runway(5));

    [Fact]
    public void Many_looks_within_a_minute_count_once()
    {
        var trend = BudgetTrend.Empty;
        for (var second = 0; second <= 3600; second += 5)
            trend = trend.With(Start.AddSeconds(second), second);
        Assert.InRange(trend.Samples.Length, 50, 75);
        Assert.Equal((Start.AddHours(1), 3600), trend.Samples[^1]);
    }

    [Fact]
    public void A_clock_that_went_back_begins_anew() =>
        Assert.Equal([(Start, 7)], Of((60, 1), (120, 2), (0, 7)).Samples);
}
