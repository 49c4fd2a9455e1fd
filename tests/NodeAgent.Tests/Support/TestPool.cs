using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Pool;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>A pool that the test changes by hand.</summary>
internal sealed class TestPool : IPoolSource
{
    private NodePool? _pool;

    public int[] Addresses { get; set; } = [];

    public bool AtLimit { get; set; }

    public EffectiveSettings Settings { get; set; } = new();

    public static IpAddress Ip(int n) => IpAddress.V4(0x0A010000u + (uint)n);

    public Task PublishAsync() => _pool!.PublishAsync(
        new PoolSnapshot(
            new Publication
            {
                Addresses = [.. Addresses.Select(n => new ListedAddress(Ip(n), false))],
                OwnWriteCommitted = true,
                AtLimit = AtLimit,
            },
            Settings,
            "Ready=False SubnetExhausted: subnet pods is full",
            Present: true),
        CancellationToken.None);

    public async Task RunAsync(NodePool pool, CancellationToken cancellationToken)
    {
        _pool = pool;
        await PublishAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}
