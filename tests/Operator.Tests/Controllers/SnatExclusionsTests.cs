using Vnetcni.Operator.Controllers.NodeIpPools;

namespace Vnetcni.Operator.Tests.Controllers;

public class SnatExclusionsTests
{
    [Fact]
    public void A_range_within_another_one_is_left_out()
    {
        var (list, leftOut) = SnatExclusions.Of(["192.168.0.0/16", "10.1.2.0/24"], ["10.1.0.0/16"], ["10.1.0.0/16", "10.2.0.0/16", "fd00::/48", "fd00::/64"]);
        Assert.Equal(["10.1.0.0/16", "10.2.0.0/16", "192.168.0.0/16", "fd00::/48"], list);
        Assert.Equal(0, leftOut);
    }

    [Fact]
    public void Too_many_ranges_keep_within_the_schema_and_the_classs_own_come_first()
    {
        var peered = Enumerable.Range(0, 3_000).Select(i => $"10.{i / 256}.{i % 256}.0/25").ToArray();
        var (list, leftOut) = SnatExclusions.Of(["192.168.0.0/16"], ["172.16.0.0/12"], peered);
        Assert.Equal((1024, 3_002 - 1024), (list.Count, leftOut));
        Assert.Contains("192.168.0.0/16", list);
        Assert.Contains("172.16.0.0/12", list);
    }
}
