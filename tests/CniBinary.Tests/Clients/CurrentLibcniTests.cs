using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>Debian unstable's libcni 1.3 drives the binary at CNI 1.1.0, with STATUS and GC, by the conflist that the agent installs.</summary>
public sealed class CurrentLibcniTests(PublishedBinary binary)
{
    [Fact]
    public async Task Libcni_takes_CNI_1_1_of_the_installed_conflist_for_ADD_CHECK_and_DEL()
    {
        var client = BuiltClients.CurrentLibcni;
        using var node = new RealNode(binary, 2);
        var pod = node.Pod("pod");
        var libcni = new Libcni(client, node);

        var added = libcni.Call("add", pod.Path, pod.Name);
        Assert.True(added.ExitCode == 0, added.Output);
        var result = JsonDocument.Parse(added.Output).RootElement;
        Assert.Equal("1.1.0", result.GetProperty("cniVersion").GetString());
        Assert.Equal("10.240.0.64/32", result.GetProperty("ips")[0].GetProperty("address").GetString());
        Assert.True(node.Fabric.Ping("10.240.0.64"));
        Assert.Equal((0, ""), libcni.Call("check", pod.Path, pod.Name));
        pod.Ip("route delete default");
        var broken = libcni.Call("check", pod.Path, pod.Name);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("no default route", broken.Output, StringComparison.Ordinal);

        for (var i = 0; i < 2; i++)
            Assert.Equal((0, ""), libcni.Call("del", pod.Path, pod.Name));
        await node.AssertNothingLeakedAsync();
    }

    [Fact]
    public async Task STATUS_succeeds_while_the_agent_serves_and_fails_before_it_ever_did_and_when_it_is_away_for_long()
    {
        var client = BuiltClients.CurrentLibcni;
        using var node = new RealNode(binary, 2);
        var alive = new AgentPaths(node.Socket).Alive;
        var libcni = new Libcni(client, node);
        Assert.Equal((0, ""), libcni.Call("status"));

        node.Agent.Dispose();
        File.Delete(alive);
        AssertFails("has not served on this boot yet", libcni.Call("status"));
        // As the agent does itself, every ten seconds: a restart is no reason to call the network down.
        AliveMark.Touch(alive, BootId.Read(), DateTimeOffset.UtcNow);
        Assert.Equal((0, ""), libcni.Call("status"));
        AliveMark.Touch(alive, BootId.Read(), DateTimeOffset.UtcNow.AddSeconds(-61));
        AssertFails("has been gone for", libcni.Call("status"));

        node.Restart();
        Assert.Equal((0, ""), libcni.Call("status"));
        await node.AssertNothingLeakedAsync();
    }

    /// <summary>libcni would ask it for CNI 1.1.0, and each ADD would fail, if the conflist with plug-ins after ours said that.</summary>
    [Fact]
    public async Task A_plugin_of_CNI_1_0_after_ours_is_no_trap()
    {
        var client = BuiltClients.CurrentLibcni;
        if (!File.Exists("/usr/lib/cni/portmap"))
            Assert.Skip("/usr/lib/cni/portmap is not installed: apt-get install containernetworking-plugins");
        using var node = new RealNode(binary, 2);
        var pod = node.Pod("pod");
        var libcni = new Libcni(client, node, "portmap") { Plugins = "/usr/lib/cni" };
        var added = libcni.Call("add", pod.Path, pod.Name);
        Assert.True(added.ExitCode == 0, added.Output);
        Assert.Equal((0, ""), libcni.Call("check", pod.Path, pod.Name));
        Assert.Equal((0, ""), libcni.Call("del", pod.Path, pod.Name));
        libcni.Allow("1.1.0");
        var refused = libcni.Call("add", pod.Path, pod.Name);
        Assert.SkipWhen(refused.ExitCode == 0, "the portmap installed here knows CNI 1.1.0: nothing is shown");
        Assert.Contains("incompatible CNI versions", refused.Output, StringComparison.Ordinal);
        // A DEL would not get past portmap either.
        node.InstallConflist("portmap");
        Assert.Equal((0, ""), libcni.Call("del", pod.Path, pod.Name));
        await node.AssertNothingLeakedAsync();
    }

    [Fact]
    public async Task GC_keeps_what_is_valid_and_frees_the_rest_with_portmap_behind_ours()
    {
        var client = BuiltClients.CurrentLibcni;
        if (!File.Exists("/usr/sbin/iptables"))
            Assert.Skip("iptables is not installed, which portmap calls");
        using var node = new RealNode(binary, 4);
        var (kept, known, forgotten) = (node.Pod("kept"), node.Pod("known"), node.Pod("forgotten"));
        var libcni = new Libcni(client, node, "portmap");
        libcni.Allow("1.1.0");
        foreach (var (pod, port) in new[] { (kept, 8001), (known, 8002), (forgotten, 8003) })
        {
            var added = libcni.Call("add", pod.Path, pod.Name, $$"""{\"portMappings\":[{\"hostPort\":{{port}},\"containerPort\":80,\"protocol\":\"tcp\"}]}""");
            Assert.True(added.ExitCode == 0, added.Output);
        }

        // Nothing to do.
        Assert.Equal((0, ""), libcni.Call("gc", kept.Name, known.Name, forgotten.Name));
        await node.AssertNothingLeakedAsync(kept.Name, known.Name, forgotten.Name);
        Assert.All((int[])[8001, 8002, 8003], port => Assert.Contains($"--dport {port}", Rules(), StringComparison.Ordinal));

        // libcni itself calls DEL for what it has in its cache; what is not there goes by our GC alone. portmap does nothing then, so that
        // nothing is said of its rule for 8003.
        Assert.Single(libcni.Cached(forgotten.Name)).Delete();
        Assert.Equal((0, ""), libcni.Call("gc", kept.Name));
        Assert.Empty(libcni.Cached(known.Name));
        await node.AssertNothingLeakedAsync(kept.Name);
        Assert.Contains("--dport 8001", Rules(), StringComparison.Ordinal);
        Assert.DoesNotContain("--dport 8002", Rules(), StringComparison.Ordinal);
        Assert.True(node.Fabric.Ping("10.240.0.64"));
        Assert.Equal((0, ""), libcni.Call("check", kept.Path, kept.Name));

        Assert.Equal((0, ""), libcni.Call("gc"));
        Assert.DoesNotContain("--dport 8001", Rules(), StringComparison.Ordinal);
        await node.AssertNothingLeakedAsync();

        string Rules() => node.Node.Execute("iptables", "-w 60 -t nat -S").Output;
    }

    private static void AssertFails(string why, (int ExitCode, string Output) status)
    {
        Assert.Equal(1, status.ExitCode);
        Assert.Contains(why, status.Output, StringComparison.Ordinal);
    }

    private sealed class Libcni(string client, RealNode node, params string[] chained)
    {
        private readonly string _folder = node.InstallConflist(chained);

        public string Plugins { get; init; } = $"{BuiltClients.CurrentRoot}/usr/lib/cni";

        /// <summary>The client says which of a verb's arguments there are.</summary>
        public (int ExitCode, string Output) Call(string verb, params string[] arguments) => node.Node.Execute(
            "env", $"NETCONFPATH={_folder} CNI_PATH={Plugins}:{node.PluginPath} CNI_CACHE={_folder}/cache {client} {verb} vnet {string.Join(' ', arguments)}");

        /// <summary>As somebody may who knows what the other plug-ins know.</summary>
        public void Allow(string version)
        {
            var path = Path.Combine(_folder, "10-vnetcni.conflist");
            var conflist = JsonNode.Parse(File.ReadAllBytes(path))!;
            conflist["cniVersions"]!.AsArray().Add(version);
            File.WriteAllText(path, conflist.ToJsonString());
        }

        public FileInfo[] Cached(string id) => new DirectoryInfo($"{_folder}/cache/results").GetFiles($"*-{id}-*");
    }
}
