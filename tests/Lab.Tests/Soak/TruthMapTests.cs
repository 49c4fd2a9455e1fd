using Vnetcni.Lab.Soak.Truth;
using Xunit;

namespace Vnetcni.Lab.Tests.Soak;

public sealed class TruthMapTests
{
    private const string Address = "10.224.0.9";
    private readonly TruthMap _truth = new();

    [Fact]
    public void An_address_that_a_live_sandbox_holds_is_told_with_its_story()
    {
        Assert.Null(_truth.Added(At(1), Address, "node1", "first"));
        var violation = _truth.Added(At(2), Address, "node2", "second");
        Assert.NotNull(violation);
        Assert.Contains("given to second on node2 while first on node1 holds it", violation.Story, StringComparison.Ordinal);
        Assert.Contains("1.000 s  ADD of first on node1 got it", violation.Story, StringComparison.Ordinal);
    }

    [Fact]
    public void From_the_call_of_its_DEL_an_address_may_go_to_others()
    {
        Assert.Null(_truth.Added(At(1), Address, "node1", "first"));
        _truth.Deleting(At(2), Address, "first");
        Assert.Null(_truth.Added(At(2.5), Address, "node2", "second"));
        _truth.Deleted(At(3), Address, "first");
        Assert.Equal([(Address, "second")], _truth.Held());
    }

    [Fact]
    public void A_late_second_DEL_of_the_first_holder_frees_nothing_of_the_next_one()
    {
        _truth.Added(At(1), Address, "node1", "first");
        _truth.Deleting(At(2), Address, "first");
        _truth.Added(At(3), Address, "node1", "second");
        _truth.Deleting(At(4), Address, "first");
        Assert.Equal(1, _truth.Live);
        Assert.NotNull(_truth.Added(At(5), Address, "node1", "third"));
    }

    [Theory]
    [InlineData(29.9, true)]
    [InlineData(30.0, false)]
    public void An_address_that_comes_back_too_soon_is_told(double after, bool broken)
    {
        _truth.Require(At(30), from: At(100));
        LetGo(called: 200, returned: 200);
        Assert.Equal(broken, _truth.Added(At(200 + after), Address, "node1", "second") is not null);
        Assert.Equal(1, _truth.Reuses);
        Assert.Equal(after, _truth.ShortestRest!.Value.TotalSeconds, precision: 3);
    }

    [Fact]
    public void A_DEL_that_takes_long_does_not_shorten_the_rest()
    {
        _truth.Require(At(30), from: At(100));
        LetGo(called: 200, returned: 220);
        Assert.NotNull(_truth.Added(At(231), Address, "node1", "second"));
    }

    [Fact]
    public void A_return_that_was_noticed_a_moment_late_is_no_breach()
    {
        _truth.Require(At(30), from: At(100));
        LetGo(called: 200, returned: 200.5);
        Assert.Null(_truth.Added(At(230.1), Address, "node1", "second"));
    }

    [Fact]
    public void A_DEL_before_the_rest_was_asked_for_does_not_count()
    {
        LetGo(called: 99, returned: 99);
        _truth.Require(At(30), from: At(100));
        Assert.Null(_truth.Added(At(101), Address, "node1", "second"));
        Assert.Equal(0, _truth.Reuses);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private void LetGo(double called, double returned)
    {
        _truth.Added(At(called - 1), Address, "node1", "first");
        _truth.Deleting(At(called), Address, "first");
        _truth.Deleted(At(returned), Address, "first");
    }
}
