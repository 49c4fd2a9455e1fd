using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Controllers.NodeIpPools;
using Vnetcni.Operator.Controllers.VirtualNetworks;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Operator.Tests.Controllers;

public class PoolReaderTests
{
    private static readonly Reservation First = new("node0", "uid", 4, 8, "etag-1") { Nic = "nic" };

    /// <summary>A leader that stalls between its reads would put an old list under a new reservation's ETag.</summary>
    [Theory]
    [InlineData("etag-1", "nic", true)]
    [InlineData("etag-2", "nic", false)]
    [InlineData("etag-1", "another", false)]
    public async Task A_pool_is_planned_only_under_the_reservation_that_was_open_before_and_after_it_was_read(string etag, string nic, bool planned)
    {
        var read = await ReadAsync(First, First with { NicEtag = etag, Nic = nic });
        Assert.Equal(planned, read is not null);
        Assert.Equal(planned ? etag : null, read?.Reservation?.NicEtag);
    }

    [Fact]
    public async Task A_pool_that_was_read_under_a_reservation_settled_meanwhile_is_read_again() => Assert.Null(await ReadAsync(First, null));

    [Fact]
    public async Task Without_a_reservation_the_budget_is_read_once()
    {
        var read = await ReadAsync(null, First);
        Assert.NotNull(read);
        Assert.Null(read.Value.Reservation);
    }

    // The budget as it is at the first read and at the second.
    private static async Task<(NodeIpPool Pool, BudgetView Budget, Reservation? Reservation)?> ReadAsync(params Reservation?[] open)
    {
        var server = new InMemoryKubeServer(new FakeTimeProvider());
        var api = server.Client("operator");
        api.Seed(OperatorKinds.Pools, new NodeIpPool { Metadata = new V1ObjectMeta { Name = "node0" }, Spec = new NodeIpPoolSpec { NodeName = "node0" } });
        var reads = 0;
        var ledgers = new Ledgers();
        ledgers.Wake = key =>
        {
            var now = open[reads++];
            foreach (var reader in ledgers.Get(key.Name).TakeReaders())
                reader.SetResult(new BudgetView(1, new BudgetState(16, 0, 0, 4, now is null ? [] : [now])));
        };
        return await new PoolReader(api, ledgers).ReadAsync("node0", "vnet", TestContext.Current.CancellationToken);
    }
}
