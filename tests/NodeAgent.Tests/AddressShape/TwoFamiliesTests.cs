using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using System.Text.Json;
using k8s.Models;
using Vnetcni.AgentProtocol;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.CniServer.Config;
using Vnetcni.NodeAgent.CniServer.Results;
using Vnetcni.NodeAgent.Pool.Kubernetes;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.AddressShape;

/// <summary>
/// A pod may have an address of each family later on: what is written can say so, and what a later version wrote does this one no harm
/// (docs/adr/0014-address-shape.md).
/// </summary>
public sealed class TwoFamiliesTests
{
    private static readonly IPAddress s_four = TestPool.Ip(1).ToIPAddress();
    private static readonly IPAddress s_six = IPAddress.Parse("fd00::1:1");
    private static readonly AddOutcome s_both = new(
        new AttachedInterface("azvabc", PhysicalAddress.Parse("0A580AE00001"), PhysicalAddress.Parse("0A580AE00002"), 1500, IPAddress.Parse("169.254.1.1")),
        new PodAddress(s_four, IPAddress.Parse("169.254.1.1")), new PodAddress(s_six, IPAddress.Parse("fe80::1")));

    [Theory]
    [InlineData("0.3.1", "4,6")]
    [InlineData("0.4.0", "4,6")]
    [InlineData("1.0.0", "")]
    [InlineData("1.1.0", "")]
    public void A_result_has_an_address_and_a_default_route_of_each_family(string version, string families)
    {
        var config = Config(CniCommand.Add, $$""" "cniVersion":"{{version}}","prevResult":{"interfaces":[{"name":"x"}],"ips":[{"address":"10.9.0.1/32"}]} """);
        var result = JsonDocument.Parse(AddResultWriter.Write(s_both, "eth0", "/n", config)).RootElement;
        var ips = result.GetProperty("ips").EnumerateArray().Skip(1).ToArray();
        Assert.Equal(["10.1.0.1/32 by 169.254.1.1", "fd00::1:1/128 by fe80::1"], ips.Select(ip => $"{ip.GetProperty("address")} by {ip.GetProperty("gateway")}"));
        Assert.All(ips, ip => Assert.Equal(2, ip.GetProperty("interface").GetInt32()));
        Assert.Equal(families, string.Join(',', ips.Where(ip => ip.TryGetProperty("version", out _)).Select(ip => ip.GetProperty("version"))));
        Assert.Equal(
            ["0.0.0.0/0 by 169.254.1.1", "::/0 by fe80::1"],
            result.GetProperty("routes").EnumerateArray().Select(route => $"{route.GetProperty("dst")} by {route.GetProperty("gw")}"));
    }

    [Fact]
    public void A_delegated_result_has_both_where_both_subnets_are_known_and_says_which_is_not()
    {
        var subnet = new PodSubnet(Cidr.Parse("fd00::/64"), IpAddress.Parse("fd00::1"));
        var config = Config(CniCommand.Add, """ "cniVersion":"0.4.0","type":"ptp","ipam":{"type":"vnetcni","subnet":"10.1.0.0/24"} """);
        var known = new AddOutcome(null, new PodAddress(s_four, null), new PodAddress(s_six, null) { Subnet = subnet });
        var result = JsonDocument.Parse(IpamResultWriter.Write(known, config.Ipam!, config)).RootElement;
        Assert.Equal(
            ["4 10.1.0.1/24 by 10.1.0.1", "6 fd00::1:1/64 by fd00::1"],
            result.GetProperty("ips").EnumerateArray().Select(ip => $"{ip.GetProperty("version")} {ip.GetProperty("address")} by {ip.GetProperty("gateway")}"));
        Assert.Equal(["0.0.0.0/0", "::/0"], result.GetProperty("routes").EnumerateArray().Select(route => route.GetProperty("dst").GetString()));

        var unknown = new AddOutcome(null, new PodAddress(s_four, null), new PodAddress(s_six, null));
        var refusal = Assert.Throws<CniException>(() => IpamResultWriter.Write(unknown, config.Ipam!, config));
        Assert.Contains("fd00::1:1", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fd00::/64", "")]
    [InlineData("fd00::/64", "fd00::1")]
    [InlineData("10.1.0.0/24", "fd00::1")]
    public void An_IPv6_subnet_of_a_configuration_is_refused_and_said(string subnet, string gateway)
    {
        var refusal = Assert.Throws<CniException>(
            () => Config(CniCommand.Add, $$""" "cniVersion":"1.0.0","type":"ptp","ipam":{"type":"vnetcni","subnet":"{{subnet}}","gateway":"{{gateway}}"} """));
        Assert.Equal(CniErrorCode.InvalidConfig, refusal.Code);
        Assert.Contains("IPv6 is not served", refusal.Details, StringComparison.Ordinal);
    }

    [Fact]
    public void A_CHECK_with_a_result_of_both_families_looks_at_the_one_that_is_served() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        var previous = Config(CniCommand.Check, $$"""
            "cniVersion":"1.0.0","prevResult":{"interfaces":[{"name":"eth0","sandbox":"/n"}],
            "ips":[{"interface":0,"address":"{{s_six}}/128"},{"interface":0,"address":"{{s_four}}/32"}]}
            """).Previous!;
        await rig.Cni.CheckAsync(new CheckCommand(Rig.Pod(1), new FakeNamespace(1001), previous.AddressOf("eth0")!), CancellationToken.None);

        // One that is not the pod's is named, whatever its family.
        var fault = await Rig.FailsAsync(rig.Cni.CheckAsync(new CheckCommand(Rig.Pod(1), new FakeNamespace(1001), s_six), CancellationToken.None));
        Assert.Contains("fd00::1:1", fault.Details, StringComparison.Ordinal);
        await rig.DeleteAsync(1);
    });

    [Fact]
    public void The_checkpoint_of_a_later_version_with_two_addresses_of_a_pod_keeps_the_one_and_quarantines_none() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.StopAsync();
        using (var later = new FileLedgerStore(rig.CheckpointFile, rig.BootId))
        {
            var image = later.Load();
            var four = image.Records.Single(record => record.State == AddressState.Assigned);
            later.Append(four with { Address = IpAddress.From(s_six) });
            later.Append(four with { Address = IpAddress.Parse("fd00::2"), State = AddressState.Cooling, Owner = null });
        }

        using (var reader = new FileLedgerStore(rig.CheckpointFile, rig.BootId))
            Assert.Equal(2, reader.Load().Records.Count(record => record.Address.Bits == 128));

        await rig.StartAsync();
        var records = rig.Agent.Records;
        Assert.DoesNotContain(records, record => record.State == AddressState.Quarantined);
        Assert.Equal(s_four.ToString(), Assert.Single(records, record => record.Owner == Rig.Pod(1)).Address.ToString());
        Assert.DoesNotContain(records, record => record.Address.Bits == 128);
        await rig.DeleteAsync(1);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_pool_with_addresses_of_both_families_is_valid_and_its_IPv4_ones_are_served() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1);
        var status = new NodeIpPoolStatus
        {
            NetworkInterfaces =
            [
                new NetworkInterfaceStatus
                {
                    Name = "nic", MacAddress = KubeRig.Mac, PrimaryAddress = "fd00:0:0:0:ffff:ffff:ffff:fff0",
                    Subnet = new SubnetReference { Cidr = "fd00::/64", Gateway = "fd00::1" },
                    Addresses =
                    [
                        new AddressStatus { Address = s_six.ToString(), IpConfiguration = "vnetcni-x-9", State = AddressStates.Available },
                        new AddressStatus { Address = s_four.ToString(), IpConfiguration = "vnetcni-x-1", State = AddressStates.Available },
                    ],
                },
            ],
        };
        rig.Server.Client("later operator").Seed(
            KubeRig.Pools,
            new NodeIpPool
            {
                Metadata = new V1ObjectMeta { Name = "both" },
                Spec = new NodeIpPoolSpec { NodeName = "both", Pool = new PoolSettings() },
                Status = status,
            });
        var stored = KubeRig.Pools.Read(Encoding.UTF8.GetBytes(rig.Server.Json(KubeRig.Pools, new ObjectKey("both"))!.ToJsonString()));
        Assert.Equal([s_six.ToString(), s_four.ToString()], stored.Status!.NetworkInterfaces![0].Addresses!.Select(entry => entry.Address));

        var settings = new AgentSettings { NodeName = "both", BootId = "boot", MacAddresses = [KubeRig.Mac] };
        var snapshot = new PoolReader(settings).Read(stored, ownWriteCommitted: true);
        Assert.Equal([s_four.ToString()], snapshot.Publication.Addresses.Select(listed => listed.Address.ToString()));
        Assert.Contains("1 of its addresses are IPv6, which this agent does not serve", snapshot.State, StringComparison.Ordinal);
        await rig.StartAsync();
    });

    private static NetworkConfig Config(CniCommand command, string more) =>
        NetworkConfigReader.Read(command, Encoding.UTF8.GetBytes($$"""{"name":"vnet",{{more}}}"""));
}
