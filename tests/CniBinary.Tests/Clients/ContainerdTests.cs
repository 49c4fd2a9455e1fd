using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>
/// containerd drives the binary, Debian 12's 1.6 and Debian unstable's 2.x: <c>ctr run --cni</c>, which calls libcni in ctr itself. A
/// container's cgroup is the machine's and named by its id, so each test has ids of its own.
/// </summary>
public sealed class ContainerdTests(PublishedBinary binary)
{
    [Theory]
    [InlineData(Containerd.Installed)]
    [InlineData(Containerd.Unstable)]
    public async Task Containers_of_ctr_have_our_addresses_and_give_them_back(string release)
    {
        var root = Containerd.Root(release);
        using var node = new RealNode(binary, 4);
        using var box = new ClientBox(node, binary, root);
        using var containerd = Containerd.Start(box);
        var shown = containerd.Ctr("run", "--rm", "--rootfs", "--cni", box.Rootfs, "c1", "/bin/ip", "-4", "-o", "address");
        Assert.Contains("10.240.0.64/32", shown, StringComparison.Ordinal);
        await node.AssertNothingLeakedAsync();

        // Two at once, seen from beyond the NIC and from each other.
        var (first, second) = (containerd.Foreground("c2"), containerd.Foreground("c3"));
        await node.AssertNothingLeakedAsync("default-c2", "default-c3");
        var addresses = new[] { "c2", "c3" }.Select(id => containerd.AddressOf(id)).ToArray();
        Assert.Equal(2, addresses.Distinct().Count());
        Assert.All(addresses, address => Assert.True(node.Fabric.Ping(address), address));
        containerd.Ctr("task", "exec", "--exec-id", "ping", "c2", "/bin/ping", "-c", "1", "-W", "5", addresses[1]);

        containerd.Ctr("task", "kill", "-s", "9", "c2");
        Assert.True(first.WaitForExit(ClientBox.Patience));
        await node.AssertNothingLeakedAsync("default-c3");
        containerd.Ctr("task", "kill", "-s", "9", "c3");
        Assert.True(second.WaitForExit(ClientBox.Patience));
        await node.AssertNothingLeakedAsync();
    }

    [Theory]
    [InlineData(Containerd.Installed)]
    [InlineData(Containerd.Unstable)]
    public async Task A_restart_of_containerd_cuts_no_container_off_and_a_container_that_dies_without_a_DEL_gives_its_address_back(string release)
    {
        var root = Containerd.Root(release);
        using var node = new RealNode(binary, 4, lookEvery: 200);
        using var box = new ClientBox(node, binary, root);
        var calls = box.NoteCalls();
        string address;
        using (var before = Containerd.Start(box))
        {
            before.Ctr("run", "--detach", "--rootfs", "--cni", box.Rootfs, "c4", "/bin/sleep", "1000");
            address = before.AddressOf("c4");
            Assert.True(node.Fabric.Ping(address));
            before.KillHard();
        }

        Assert.True(node.Fabric.Ping(address));
        using var after = Containerd.Start(box);
        Assert.Equal(address, after.AddressOf("c4"));
        Assert.True(node.Fabric.Ping(address));
        await node.AssertNothingLeakedAsync("default-c4");
        // Nobody calls DEL for what dies detached and by itself: the namespace goes, and that is all there is to see. (ctr 2.x's kill would.)
        box.Run("sh", "-c", $"kill -9 {after.ProcessOf("c4")}");
        await node.AssertNothingLeakedAsync();
        Assert.Equal(["ADD"], calls().Select(call => call.Split(' ')[0]));
    }
}
