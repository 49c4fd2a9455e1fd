using System.Text.Json.Nodes;
using Vnetcni.Lab.Soak.Running;
using Vnetcni.Lab.Soak.Truth;
using Xunit;

namespace Vnetcni.Lab.Tests.Soak;

public sealed class ArmViewTests
{
    private const string Mac = "00:0d:3a:00:00:01";
    private const string Address = "10.224.0.9";
    private readonly ArmView _view = new();

    [Fact]
    public void An_address_is_confirmed_once_its_NIC_was_seen_Succeeded_with_it()
    {
        _view.Apply(1, [On("Updating")]);
        Assert.Equal(ArmStanding.Unconfirmed, _view.Of(Address, Mac));
        _view.Apply(2, [On("Succeeded")]);
        Assert.Equal(ArmStanding.Confirmed, _view.Of(Address, Mac));
        _view.Apply(3, [On("Updating")]);
        Assert.Equal(ArmStanding.Confirmed, _view.Of(Address, Mac));
    }

    [Fact]
    public void An_address_that_left_and_came_again_has_to_be_confirmed_again()
    {
        _view.Apply(1, [On("Succeeded")]);
        _view.Apply(2, []);
        Assert.Equal(ArmStanding.Elsewhere, _view.Of(Address, Mac));
        _view.Apply(3, [On("Updating")]);
        Assert.Equal(ArmStanding.Unconfirmed, _view.Of(Address, Mac));
    }

    [Fact]
    public void An_address_of_another_NIC_is_elsewhere()
    {
        _view.Apply(1, [On("Succeeded")]);
        Assert.Equal(ArmStanding.Elsewhere, _view.Of(Address, "00:0d:3a:00:00:02"));
    }

    [Fact]
    public void A_success_that_may_have_been_missed_is_not_held_against_anybody()
    {
        _view.Apply(1, [On("Updating")]);
        _view.Apply(4, [On("Updating")]);
        Assert.Equal(ArmStanding.Confirmed, _view.Of(Address, Mac));
    }

    [Fact]
    public void An_older_list_changes_nothing()
    {
        _view.Apply(5, [On("Succeeded")]);
        _view.Apply(4, []);
        Assert.Equal(ArmStanding.Confirmed, _view.Of(Address, Mac));
    }

    [Fact]
    public void The_simulators_answer_is_read()
    {
        const string Answer = """
            {"version": 7, "addresses": [{"address": "10.224.0.9", "nic": "/x", "mac": "00-0D-3A-00-00-01", "vm": null,
             "ipConfiguration": "vnetcni-1-1", "primary": false, "state": "Succeeded"}]}
            """;
        var (version, addresses) = ArmFollower.Parse(JsonNode.Parse(Answer)!);
        Assert.Equal(7, version);
        Assert.Equal([On("Succeeded") with { Name = "vnetcni-1-1" }], addresses);
    }

    private static ArmAddress On(string state) => new(Address, Mac, "vnetcni-1", Primary: false, state);
}
