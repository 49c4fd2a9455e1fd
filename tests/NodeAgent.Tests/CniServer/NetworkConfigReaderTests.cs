using System.Text;
using CsCheck;
using Vnetcni.AgentProtocol;
using Vnetcni.NodeAgent.CniServer.Config;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.CniServer;

public sealed class NetworkConfigReaderTests
{
    [Fact]
    public void A_whole_section_of_a_conflist_is_read()
    {
        var config = Read(CniCommand.Add, """
            "type":"vnetcni","mtu":1400,"unknown":{"a":1},"args":{"cni":{"labels":[]}},
            "dns":{"nameservers":["10.0.0.10"],"domain":"d","search":["s"],"options":["ndots:5"]},
            "runtimeConfig":{"portMappings":[]}
            """);
        Assert.Equal(1400, config.Mtu);
        Assert.Equal("vnet", config.Head.Name);
        Assert.Equal(["10.0.0.10"], config.Dns!.Nameservers);
        Assert.Equal("d", config.Dns.Domain);
        Assert.Null(config.Previous);
        Assert.Null(config.ValidAttachments);
    }

    [Fact]
    public void The_runtimes_dns_wins_over_the_configurations()
    {
        var config = Read(CniCommand.Add, """
            "dns":{"nameservers":["1.1.1.1"]},"runtimeConfig":{"dns":{"servers":["2.2.2.2"],"searches":["x"],"options":["o"]}}
            """);
        Assert.Equal(["2.2.2.2"], config.Dns!.Nameservers);
        Assert.Equal(["x"], config.Dns.Search);
    }

    [Fact]
    public void A_conflist_of_the_Azure_plugin_is_taken_and_what_it_asks_for_in_vain_is_named()
    {
        var config = Read(CniCommand.Add, """
            "type":"azure-vnet","mode":"transparent","bridge":"azure0","master":"eth0","logLevel":"info","enableSnatOnHost":true,
            "ipam":{"type":"azure-vnet-ipam","subnet":"10.1.0.0/16"},"ipsToRouteViaHost":["169.254.20.10"],"vnetCidrs":"10.0.0.0/8",
            "disableHairpinOnHostInterface":false,"serviceCidrs":"","windowsSettings":{},"AdditionalArgs":[{"Name":"EndpointPolicy"}],
            "dns":{"nameservers":["10.0.0.10"]},"mtu":1400,"capabilities":{"portMappings":true,"dns":true},
            "runtimeConfig":{"portMappings":[{"hostPort":1}],"dns":{"servers":["10.0.0.11"]}}
            """);
        Assert.Equal(
            ["bridge", "master", "logLevel", "enableSnatOnHost", "ipam", "ipsToRouteViaHost", "vnetCidrs", "AdditionalArgs", "runtimeConfig.portMappings"],
            config.Unused);
        Assert.Equal(1400, config.Mtu);
        Assert.Equal(["10.0.0.11"], config.Dns!.Nameservers);
    }

    [Fact]
    public void Another_mode_is_named_with_its_value_and_names_are_cut_and_escaped()
    {
        var config = Read(CniCommand.Add, $$""" "mode":"tunnel","a\nb":1,"{{new string('x', 500)}}":1 """);
        Assert.Equal("mode=tunnel", config.Unused[0]);
        Assert.Equal("a\\nb", config.Unused[1]);
        Assert.InRange(config.Unused[2].Length, 60, 70);
        Assert.Equal(3, config.Unused.Count);
        Assert.Equal(16, Read(CniCommand.Add, string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"f{i}\":1"))).Unused.Count);
        Assert.Empty(Read(CniCommand.Add, """ "type":"vnetcni","mode":"transparent" """).Unused);
    }

    [Fact]
    public void As_another_plugins_IPAM_it_reads_its_section_and_minds_nothing_else()
    {
        const string bridge = """ "type":"bridge","mtu":"the bridge's","ipam":{"type":"vnetcni","subnet":"10.1.0.0/24","gateway":"10.1.0.9","routes":[{"dst":"10.0.0.0/8"}]} """;
        var read = Read(CniCommand.Add, bridge);
        Assert.Equal("10.1.0.0/24", read.Ipam!.Subnet!.Range.ToString());
        Assert.Equal("10.1.0.9", read.Ipam.Subnet.Gateway.ToString());
        Assert.Single(read.Ipam.Routes!);
        Assert.Empty(read.Unused);
        Assert.NotNull(Read(CniCommand.Check, bridge).Ipam);
        Assert.Null(Read(CniCommand.Del, bridge).Ipam);
        var bare = Read(CniCommand.Add, """ "type":"ptp","ipam":{"type":"vnetcni"} """).Ipam;
        Assert.Null(bare!.Subnet);
        Assert.Null(bare.Routes);
        // Azure's gateway is the first address after the network's.
        Assert.Equal("10.1.0.65", Read(CniCommand.Add, """ "type":"ptp","ipam":{"type":"vnetcni","subnet":"10.1.0.64/26"} """).Ipam!.Subnet!.Gateway.ToString());
        // We are the main plug-in: ipam is a field like another.
        var own = Read(CniCommand.Add, """ "type":"vnetcni","ipam":{"type":"vnetcni"} """);
        Assert.Null(own.Ipam);
        Assert.Equal(["ipam"], own.Unused);
    }

    [Theory]
    [InlineData(""" "subnet":"10.1.0.1/24" """, CniErrorCode.InvalidConfig)]
    [InlineData(""" "subnet":"10.1.0.0/31" """, CniErrorCode.InvalidConfig)]
    [InlineData(""" "subnet":"fd00::/64" """, CniErrorCode.InvalidConfig)]
    [InlineData(""" "subnet":"10.1.0.0/24","gateway":"10.2.0.1" """, CniErrorCode.InvalidConfig)]
    [InlineData(""" "gateway":"10.2.0.1" """, CniErrorCode.InvalidConfig)]
    [InlineData(""" "subnet":5 """, CniErrorCode.Decode)]
    [InlineData(""" "routes":[5] """, CniErrorCode.Decode)]
    [InlineData(""" "routes":[{"gw":"10.1.0.1"}] """, CniErrorCode.Decode)]
    public void A_bad_ipam_section_fails_ADD_and_never_DEL(string fields, int code)
    {
        var config = $$""" "type":"bridge","ipam":{"type":"vnetcni",{{fields}}} """;
        Assert.Equal(code, Assert.Throws<CniException>(() => Read(CniCommand.Add, config)).Code);
        Assert.Equal("vnet", Read(CniCommand.Del, config).Head.Name);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("68", 68)]
    [InlineData("65535", 65535)]
    [InlineData("null", 0)]
    public void An_mtu_in_range_is_taken(string text, int mtu) => Assert.Equal(mtu, Read(CniCommand.Add, $"\"mtu\":{text}").Mtu);

    [Theory]
    [InlineData("67", CniErrorCode.InvalidConfig)]
    [InlineData("65536", CniErrorCode.InvalidConfig)]
    [InlineData("-1", CniErrorCode.InvalidConfig)]
    [InlineData("1e3000", CniErrorCode.Decode)]
    [InlineData("1500.5", CniErrorCode.Decode)]
    public void An_mtu_out_of_range_names_its_value(string text, int code)
    {
        var error = Assert.Throws<CniException>(() => Read(CniCommand.Add, $"\"mtu\":{text}"));
        Assert.Equal(code, error.Code);
        Assert.Contains(text, error.Details, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"containerID":"a"}]""")]
    [InlineData("""[{"containerID":"","ifname":"eth0"}]""")]
    [InlineData("""["a"]""")]
    [InlineData("""{"a":"eth0"}""")]
    [InlineData("""[{"containerID":7,"ifname":"eth0"}]""")]
    public void An_attachment_that_is_not_understood_stops_GC(string list) =>
        Assert.Throws<CniException>(() => Read(CniCommand.Gc, $"\"cni.dev/valid-attachments\":{list}"));

    [Theory]
    [InlineData("\"x\":1", null)]
    [InlineData("\"cni.dev/valid-attachments\":null", null)]
    [InlineData("\"cni.dev/valid-attachments\":[]", 0)]
    [InlineData("\"cni.dev/attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth0\"}]", 1)]
    [InlineData("\"cni.dev/attachments\":[{\"containerID\":\"a\",\"ifname\":\"eth0\"}],\"cni.dev/valid-attachments\":[{\"containerID\":\"b\",\"ifname\":\"eth0\"}]", 2)]
    public void GC_keeps_the_union_of_both_spellings_and_absent_is_not_empty(string more, int? count) =>
        Assert.Equal(count, Read(CniCommand.Gc, more).ValidAttachments?.Count);

    [Theory]
    [InlineData("eth0", "10.0.0.2")]
    [InlineData("eth1", "10.0.1.2")]
    [InlineData("vnhost", null)]
    [InlineData("eth9", null)]
    public void prevResult_gives_the_address_of_a_containers_interface(string name, string? address)
    {
        var config = Read(CniCommand.Check, """
            "prevResult":{"interfaces":[{"name":"vnhost"},{"name":"eth0","sandbox":"/n"},{"name":"eth1","sandbox":"/n"}],
            "ips":[{"address":"9.9.9.9/32"},{"interface":-1,"address":"9.9.9.9/32"},{"interface":77,"address":"9.9.9.9/32"},
              {"interface":0,"address":"9.9.9.9/32"},{"interface":1,"address":"fd00::2/128"},{"interface":1,"address":"nonsense"},
              {"interface":1,"address":"10.0.0.2/32"},{"interface":2,"address":"10.0.1.2/32"}]}
            """);
        Assert.Equal(address, config.Previous!.AddressOf(name)?.ToString());
    }

    [Fact]
    public void Any_configuration_is_read_or_a_typed_error()
    {
        var valid = Encoding.UTF8.GetBytes("""{"cniVersion":"1.1.0","name":"n","mtu":1500,"dns":{"search":["a"]},"prevResult":{"interfaces":[{"name":"e","sandbox":"s"}],"ips":[{"interface":0,"address":"10.0.0.1/8"}]},"cni.dev/attachments":[{"containerID":"a","ifname":"e"}]}""");
        Gen.Select(Gen.Enum<CniCommand>(), Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, valid.Length - 1], Gen.Byte).Sample((command, at, value, at2, value2) =>
        {
            var bytes = valid.ToArray();
            bytes[at] = value;
            bytes[at2] = value2;
            try
            {
                NetworkConfigReader.Read(command, bytes).Previous?.AddressOf("e");
            }
            catch (CniException e)
            {
                Assert.Contains(e.Code, new[] { CniErrorCode.IncompatibleVersion, CniErrorCode.Decode, CniErrorCode.InvalidConfig });
            }
        }, iter: 20_000);
    }

    [Theory]
    [InlineData(""" "prevResult":{"interfaces":[{"name":"e","odd":"\ud800"}]} """)]
    [InlineData(""" "prevResult":{"interfaces":[{"name":"e","\udc00":1}]} """)]
    [InlineData(""" "dns":{"search":["\ud800"]} """)]
    [InlineData(""" "\ud800":1 """)]
    [InlineData(""" "runtimeConfig":{"\ud800":1} """)]
    public void Half_a_surrogate_pair_is_found_before_anything_is_plumbed(string more) =>
        Assert.Equal(CniErrorCode.Decode, Assert.Throws<CniException>(() => Read(CniCommand.Add, more)).Code);

    [Fact]
    public void A_key_may_be_written_with_escapes() =>
        Assert.Equal(1400, Read(CniCommand.Add, """ "\u006dtu":1400 """).Mtu);

    [Theory]
    [InlineData("", "")]
    [InlineData("IgnoreUnknown=1;K8S_POD_NAMESPACE=a;K8S_POD_NAME=b;K8S_POD_UID=u", "a/b")]
    [InlineData("K8S_POD_NAME=b;", "")]
    [InlineData("X==;K8S_POD_NAMESPACE=a;K8S_POD_NAME=b=c", "a/b=c")]
    public void CNI_ARGS_name_the_pod(string args, string pod) => Assert.Equal(pod, CniArgs.Pod(args));

    [Fact]
    public void Any_CNI_ARGS_name_a_pod_or_are_a_typed_error() =>
        Gen.String[Gen.Char["=;;K8S_POD\0é"], 0, 80].Sample(
            args =>
            {
                try
                {
                    _ = CniArgs.Pod("K8S_POD_NAMESPACE=a;" + args);
                }
                catch (CniException e)
                {
                    Assert.Equal(CniErrorCode.InvalidEnvironment, e.Code);
                }
            },
            iter: 20_000);

    private static NetworkConfig Read(CniCommand command, string more) =>
        NetworkConfigReader.Read(command, Encoding.UTF8.GetBytes($$"""{"cniVersion":"1.1.0","name":"vnet",{{more}}}"""));
}
