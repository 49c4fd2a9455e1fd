using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>Debian's podman 4.3 with its cni backend drives the binary.</summary>
public sealed class PodmanTests(PublishedBinary binary)
{
    [Fact]
    public async Task Containers_of_podman_have_our_addresses_over_a_restart_and_give_them_back()
    {
        foreach (var program in new[] { "podman", "conmon", "runc" })
            ClientBox.Require(program, program);
        using var node = new RealNode(binary, 4);
        using var box = new ClientBox(node, binary);
        File.WriteAllText(Path.Combine(box.Folder, "containers.conf"), """
            [network]
            network_backend = "cni"
            cni_plugin_dirs = ["/opt/cni/bin"]
            network_config_dir = "/etc/cni/net.d"
            default_network = "vnet"
            [engine]
            cgroup_manager = "cgroupfs"
            events_logger = "none"
            runtime = "runc"
            [containers]
            log_driver = "k8s-file"
            """);
        string Podman(params string[] arguments) => box.Run(
            ["env", $"CONTAINERS_CONF={box.Folder}/containers.conf", "podman", "--root", $"{box.Folder}/podman", "--runroot", "/run/podman", "--storage-driver", "vfs", .. arguments]);
        string AddressOf(string name) => Podman("exec", name, "ip", "-4", "-o", "address", "show", "dev", "eth0").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0];

        Assert.Contains("vnet", Podman("network", "ls"), StringComparison.Ordinal);
        string[] ids = [.. new[] { "p1", "p2" }.Select(name => Podman("run", "--detach", "--name", name, "--network", "vnet", "--rootfs", box.Rootfs, "sleep", "1000").Trim())];
        await node.AssertNothingLeakedAsync(ids);
        var address = AddressOf("p1");
        Assert.True(node.Fabric.Ping(address));
        Podman("exec", "p2", "ping", "-c", "1", "-W", "5", address);

        // DEL, then ADD of the same container id.
        Podman("restart", "--time", "0", "p1");
        await node.AssertNothingLeakedAsync(ids);
        Assert.True(node.Fabric.Ping(AddressOf("p1")));

        Podman("rm", "--force", "--time", "0", "p1");
        await node.AssertNothingLeakedAsync(ids[1]);
        Podman("rm", "--force", "--time", "0", "p2");
        await node.AssertNothingLeakedAsync();
    }
}
