using Vnetcni.NodeAgent.Hosting;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Hosting;

public class AgentOptionsTests
{
    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_default()
    {
        var options = Read(["--pool", "file:/etc/pool.json", "--nic=eth1"], ("VNETCNI_POOL", "kubernetes"), ("NODE_NAME", "n7"), ("VNETCNI_NIC", "eth9"));
        Assert.Equal("/etc/pool.json", options.PoolFile);
        Assert.Equal("n7", options.NodeName);
        Assert.Equal("eth1", options.Nic);
        Assert.Equal("/run/vnetcni", options.RunFolder);
        Assert.Equal(9468, AgentOptionsReader.Endpoint(options).Port);
    }

    [Theory]
    [InlineData("--node-name", "Node_1", "lower-case letters")]
    [InlineData("--pool", "imds", "kubernetes nor file:PATH")]
    [InlineData("--pool", "file:", "kubernetes nor file:PATH")]
    [InlineData("--veth-prefix", "muchtoolong", "1 to 7")]
    [InlineData("--http", "9468", "address:port")]
    [InlineData("--socket", "relative.sock", "absolute")]
    [InlineData("--kubeconfig", "/does/not/exist", "does not exist")]
    [InlineData("--conflist", "/etc/cni/net.d/10-vnetcni.json", ".conflist")]
    [InlineData("--chained-plugins", "portmap,vlan", "'vlan' is unknown")]
    [InlineData("--chained-plugins", "portmap,portmap", "given twice")]
    [InlineData("--cri-socket", "containerd.sock", "absolute path such as /run/containerd/containerd.sock")]
    [InlineData("--log-level", "Loud", "Debug, Information")]
    [InlineData("--colour", "red", "--help")]
    public void A_wrong_option_is_named_with_what_would_do(string name, string value, string says)
    {
        var error = Assert.Throws<FormatException>(() => Read([name, value]));
        Assert.Contains(says, error.Message);
        Assert.Contains(name, error.Message);
    }

    [Fact]
    public void An_option_without_its_value_is_refused() =>
        Assert.Contains("--nic lacks its value", Assert.Throws<FormatException>(() => Read(["--nic"])).Message);

    [Fact]
    public void The_network_configuration_is_written_whole_and_only_when_it_differs()
    {
        var folder = Directory.CreateTempSubdirectory("vnetcni-conf-").FullName;
        try
        {
            var path = Path.Combine(folder, "10-vnetcni.conflist");
            Conflist.Install(path, Conflist.Content("pods", "/run/vnetcni/agent.sock", []));
            using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(path));
            Assert.Equal("1.0.0", json.RootElement.GetProperty("cniVersion").GetString());
            Assert.Equal(["0.4.0", "1.0.0", "1.1.0"], json.RootElement.GetProperty("cniVersions").EnumerateArray().Select(v => v.GetString()));
            Assert.False(json.RootElement.GetProperty("plugins")[0].TryGetProperty("socket", out _));
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
            Conflist.Install(path, Conflist.Content("pods", "/run/vnetcni/agent.sock", []));
            Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
            Conflist.Install(path, Conflist.Content("pods", "/run/other.sock", []));
            Assert.Contains("/run/other.sock", File.ReadAllText(path));
            Assert.Equal([path], Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Chained_plugins_follow_ours_with_the_capabilities_that_bring_them_what_a_pod_asked_for()
    {
        var options = Read(["--chained-plugins", "portmap, bandwidth,firewall"]);
        using var json = System.Text.Json.JsonDocument.Parse(Conflist.Content("pods", "/run/vnetcni/agent.sock", ChainedPlugins.Read(options.ChainedPlugins)));
        // A version that one of them does not know would fail each ADD.
        Assert.Equal(["0.4.0", "1.0.0"], json.RootElement.GetProperty("cniVersions").EnumerateArray().Select(v => v.GetString()));
        var plugins = json.RootElement.GetProperty("plugins").EnumerateArray().ToArray();
        Assert.Equal(["vnetcni", "portmap", "bandwidth", "firewall"], plugins.Select(plugin => plugin.GetProperty("type").GetString()));
        Assert.True(plugins[1].GetProperty("capabilities").GetProperty("portMappings").GetBoolean());
        Assert.True(plugins[1].GetProperty("snat").GetBoolean());
        Assert.True(plugins[2].GetProperty("capabilities").GetProperty("bandwidth").GetBoolean());
        Assert.False(plugins[3].TryGetProperty("capabilities", out _));
    }

    [Fact]
    public void A_second_agent_on_the_node_is_refused_until_the_first_is_gone()
    {
        var folder = Directory.CreateTempSubdirectory("vnetcni-lock-").FullName;
        try
        {
            using (NodeLock.Take(folder))
                Assert.Contains("another agent runs on this node", Assert.Throws<IOException>(() => NodeLock.Take(folder)).Message);
            NodeLock.Take(folder).Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static AgentOptions Read(string[] arguments, params (string Name, string Value)[] environment) =>
        AgentOptionsReader.Read(arguments, name => environment.FirstOrDefault(e => e.Name == name).Value, "host-1");
}
