using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Http;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Without_arguments_it_serves_three_nodes_on_loopback()
    {
        var options = CommandLine.Parse([]);
        Assert.Equal((8443, 8444, 8445), (options.ArmPort, options.AdminPort, options.ImdsPort));
        Assert.Equal(3, options.Scenario!.Vms.Count);
        Assert.True(System.Net.IPAddress.IsLoopback(options.AdminBind));
        Assert.True(options.Settings.RequireAuthorization);
    }

    [Fact]
    public void Every_option_is_applied()
    {
        var options = CommandLine.Parse(
        [
            "--arm-port", "0", "--admin-port", "1", "--imds-port", "2", "--bind", "10.0.0.1", "--admin-bind", "::1", "--san", "a.b", "--san", "1.2.3.4",
            "--cert-out", "c", "--ready-file", "r", "--seed", "18446744073709551615", "--speed", "2.5", "--latency-scale", "0",
            "--concurrent-put", "supersede", "--assignment", "randomFree", "--freed-addresses", "atOnce", "--no-throttle", "--imds-vm", "x",
        ]);
        Assert.Equal((0, 1, 2), (options.ArmPort, options.AdminPort, options.ImdsPort));
        Assert.Equal(("10.0.0.1", "::1"), (options.Bind.ToString(), options.AdminBind.ToString()));
        Assert.Equal(["a.b", "1.2.3.4"], options.Names);
        Assert.Equal(("c", "r", "x"), (options.CertificateOut, options.ReadyFile, options.ImdsVm));
        Assert.Equal((ulong.MaxValue, 2.5, 0d), (options.Seed, options.Speed, options.Settings.Latency.Scale));
        Assert.Equal(FreedAddresses.AtOnce, options.Settings.FreedAddresses);
        Assert.Equal((ConcurrentPutMode.Supersede, AddressAssignment.RandomFree, false), (options.Settings.ConcurrentPut, options.Settings.Assignment, options.Settings.Throttle.Enabled));
    }

    [Theory]
    [InlineData("must be a whole number from 0 to 65535", "--arm-port", "70000")]
    [InlineData("must be a whole number from 0 to 65535", "--arm-port", "1.5")]
    [InlineData("must be an IP address", "--bind", "nowhere")]
    [InlineData("must be a host name or an IP address", "--san", "a b")]
    [InlineData("must be one of Reject429, Supersede, Conflict409", "--concurrent-put", "2")]
    [InlineData("must be one of LowestFree, RandomFree, NextFit", "--assignment", "best")]
    [InlineData("must be a number from 0.01 to 10000", "--speed", "NaN")]
    [InlineData("must be a whole number of at least 0", "--seed", "-1")]
    [InlineData("\"--speeed\" is not an option", "--speeed", "1")]
    [InlineData("lacks its value", "--seed")]
    [InlineData("\"x\" is not an option", "x")]
    [InlineData("--faults Could not find", "--faults", "/nonexistent/file")]
    [InlineData("must be a file that exists", "--replay", "/nonexistent/file")]
    [InlineData("--scenario /nonexistent/file:", "--scenario", "/nonexistent/file")]
    public void What_is_wrong_is_said(string message, params string[] arguments) =>
        Assert.Contains(message, Assert.Throws<UsageException>(() => CommandLine.Parse(arguments)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_scaled_clock_scales_time_and_timers()
    {
        var inner = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var clock = new ScaledTimeProvider(inner, 10);
        var fired = 0;
        using var timer = clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
        inner.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, fired);
        inner.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, fired);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(10), clock.GetUtcNow());
        clock.Speed = 1;
        inner.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(11), clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(11), clock.GetElapsedTime(DateTimeOffset.UnixEpoch.UtcTicks));
    }
}
