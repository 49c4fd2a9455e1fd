using Vnetcni.Fuzzing;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Pool.File;
using Vnetcni.NodeAgent.Snat;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Fuzzing;

/// <summary>A pool file that somebody is just writing, or wrote in the wrong way.</summary>
public sealed class PoolFileFuzzTests
{
    private static readonly byte[] s_valid = """
        { // by hand
          "addresses": ["10.1.0.7", "10.1.0.5"], "networkInterface": {"name": "eth1"}, "snat": {"mode": "Auto", "excludedCidrs": ["10.0.0.0/8"]},
          "metadataAccess": "Deny", "pool": { "reuseCooldown": "10s", "maxAddresses": 20 }, "dataplane": { "mtu": 1400, "addTimeout": "5s" } }
        """u8.ToArray();

    [Fact]
    public void A_spoilt_pool_file_is_a_pool_of_addresses_that_are_served_or_a_fault_for_people()
    {
        Assert.Equal(20, PoolFile.Parse(s_valid, "/pool.json").Settings.MaxAddresses);
        Fuzz.Check([s_valid, """{"addresses":["10.1.0.7"]}"""u8.ToArray()], [.. Fuzz.JsonWords, .. Fuzz.Words("10.1.0.8", "-1s", "0.0.0.0/0", "2147483648")], bytes =>
        {
            try
            {
                var snapshot = PoolFile.Parse(bytes, "/pool.json");
                Assert.All(snapshot.Publication.Addresses, listed => Assert.True(ServedFamily.Has(listed.Address)));
                Assert.InRange(snapshot.Publication.Addresses.Count, 0, snapshot.Settings.MaxAddresses);
                Assert.NotNull(EgressPlan.Of(snapshot, [], null));
            }
            catch (FormatException e)
            {
                Assert.InRange(e.Message.Length, 1, 2048);
            }
        }, most: 8192);
    }
}
