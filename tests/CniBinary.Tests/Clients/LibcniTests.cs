using System.Text.Json;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>
/// Debian's libcni 1.1.2 drives the binary, by a small client of its own (libcni-client/main.go): the conflist that the agent installs, with plug-ins after ours. It
/// knows no STATUS and no GC: <see cref="CurrentLibcniTests"/>.
/// </summary>
public sealed class LibcniTests(PublishedBinary binary)
{
    [Fact]
    public async Task Libcni_adds_checks_and_deletes_by_the_installed_conflist()
    {
        var client = BuiltClients.Libcni;
        if (!File.Exists("/usr/lib/cni/portmap"))
            Assert.Skip("/usr/lib/cni/portmap is not installed: apt-get install containernetworking-plugins");
        using var node = new RealNode(binary, 3);
        var (first, second) = (node.Pod("first"), node.Pod("second"));
        var folder = node.InstallConflist("portmap");
        (int ExitCode, string Output) Call(string verb, TestNetns pod) => node.Node.Execute(
            "env", $"NETCONFPATH={folder} CNI_PATH={node.PluginPath} CNI_CACHE={folder}/cache {client} {verb} vnet {pod.Path} {pod.Name}");

        var added = Call("add", first);
        Assert.True(added.ExitCode == 0, added.Output);
        var result = JsonDocument.Parse(added.Output).RootElement;
        Assert.Equal("1.0.0", result.GetProperty("cniVersion").GetString());
        Assert.Equal("10.240.0.64/32", result.GetProperty("ips")[0].GetProperty("address").GetString());
        Assert.True(node.Fabric.Ping("10.240.0.64"));
        Assert.Equal((0, ""), Call("check", first));

        // What libcni reports of an ADD that is not possible is our message.
        var again = Call("add", first);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("attached already", again.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), Call("check", first));

        Assert.Equal(0, Call("add", second).ExitCode);
        first.Ip("route delete default");
        var broken = Call("check", first);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("no default route", broken.Output, StringComparison.Ordinal);

        for (var i = 0; i < 2; i++)
            Assert.Equal((0, ""), Call("del", first));
        Assert.Equal((0, ""), Call("del", second));
        await node.AssertNothingLeakedAsync();
    }
}
