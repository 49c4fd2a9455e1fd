using Vnetcni.Api.NodeIpPools;
using Vnetcni.NodeAgent.Pool.Kubernetes;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Pool;

public sealed class PoolReaderNicTests
{
    private static readonly PoolReader Reader = new(new AgentSettings { NodeName = "node-1", BootId = "boot", MacAddresses = ["00-0D-3A-00-00-01", "00:0d:3a:00:00:02", "00:0d:3a:00:00:03"] });

    [Fact]
    public void Each_NIC_of_this_machine_has_its_own_addresses_and_next_hop()
    {
        var snapshot = Reader.Read(
            new NodeIpPool
            {
                Status = new NodeIpPoolStatus
                {
                    NetworkInterfaces =
                    [
                        Nic("00-0D-3A-00-00-01", "10.1.0.0/24", null, "10.1.0.4", "10.1.0.5"),
                        Nic("000d3a000002", "10.2.0.0/24", null, "10.2.0.4"),
                        Nic("00:0d:3a:00:00:02", "10.2.0.0/24", "10.2.0.9", "10.2.0.4"),
                        // Without a subnet nobody knows the way; of another machine it is none of ours.
                        Nic("00:0d:3a:00:00:03", null, null, "10.3.0.4"),
                        Nic("00:0d:3a:00:00:09", "10.9.0.0/24", null, "10.9.0.4"),
                    ],
                },
            },
            ownWriteCommitted: true);
        Assert.Equal(
            ["00:0d:3a:00:00:01 by 10.1.0.1: 10.1.0.4,10.1.0.5", "00:0d:3a:00:00:02 by 10.2.0.9: 10.2.0.4"],
            snapshot.Nics.Select(nic => $"{nic.Mac} by {nic.Gateway}: {string.Join(',', nic.Addresses)}"));
        // All of this machine's are served all the same.
        Assert.Equal(["10.1.0.4", "10.1.0.5", "10.2.0.4", "10.3.0.4"], snapshot.Publication.Addresses.Select(listed => listed.Address.ToString()));
    }

    private static NetworkInterfaceStatus Nic(string mac, string? subnet, string? gateway, params string[] addresses) => new()
    {
        Name = "nic",
        MacAddress = mac,
        Subnet = subnet is null ? null : new SubnetReference { Cidr = subnet, Gateway = gateway },
        Addresses = [.. addresses.Select(address => new AddressStatus { Address = address, IpConfiguration = "vnetcni-x", State = AddressStates.Available })],
    };
}
