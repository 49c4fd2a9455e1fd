using System.Diagnostics;
using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>Debian's containerd 1.6 drives the binary: <c>ctr run --cni</c>, which calls libcni in ctr itself.</summary>
public sealed class ContainerdTests(PublishedBinary binary)
{
    [Fact]
    public async Task Containers_of_ctr_have_our_addresses_and_give_them_back()
    {
        using var node = Start();
        using var box = new ClientBox(node, binary);
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

    [Fact]
    public async Task A_restart_of_containerd_cuts_no_container_off_and_a_container_that_dies_without_a_DEL_gives_its_address_back()
    {
        using var node = Start(lookEvery: 200);
        using var box = new ClientBox(node, binary);
        string address;
        using (var before = Containerd.Start(box))
        {
            before.Ctr("run", "--detach", "--rootfs", "--cni", box.Rootfs, "c1", "/bin/sleep", "1000");
            address = before.AddressOf("c1");
            Assert.True(node.Fabric.Ping(address));
            before.KillHard();
        }

        Assert.True(node.Fabric.Ping(address));
        using var after = Containerd.Start(box);
        Assert.Equal(address, after.AddressOf("c1"));
        Assert.True(node.Fabric.Ping(address));
        await node.AssertNothingLeakedAsync("default-c1");
        // ctr calls no DEL for what it detached: the namespace goes, and that is all there is to see.
        after.Ctr("task", "kill", "-s", "9", "c1");
        await node.AssertNothingLeakedAsync();
    }

    private RealNode Start(int? lookEvery = null)
    {
        foreach (var (program, package) in new[] { ("containerd", "containerd"), ("ctr", "containerd"), ("runc", "runc") })
            ClientBox.Require(program, package);
        return new RealNode(binary, 4, lookEvery);
    }

    private sealed class Containerd(ClientBox box, Process process) : IDisposable
    {
        private static string[] Socket => ["ctr", "--address", "/run/containerd.sock"];

        public static Containerd Start(ClientBox box)
        {
            var process = box.Start("containerd", "--root", $"{box.Folder}/containerd", "--state", "/run/containerd", "--address", "/run/containerd.sock", "--log-level", "error");
            // Nobody reads what it says: a full pipe would stop it.
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var watch = Stopwatch.StartNew();
            while (box.Try([.. Socket, "version"]).ExitCode != 0)
                Assert.True(watch.Elapsed < ClientBox.Patience && !process.HasExited, "containerd does not answer");
            return new Containerd(box, process);
        }

        public string Ctr(params string[] arguments) => box.Run([.. Socket, .. arguments]);

        /// <summary>A container whose ctr waits for its end, and calls DEL then.</summary>
        public Process Foreground(string id) => box.Start([.. Socket, "run", "--rm", "--rootfs", "--cni", box.Rootfs, id, "/bin/sleep", "1000"]);

        public string AddressOf(string id)
        {
            var shown = Ctr("task", "exec", "--exec-id", $"ip{Guid.NewGuid():N}", id, "/bin/ip", "-4", "-o", "address", "show", "dev", "eth0");
            return shown.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0];
        }

        public void KillHard()
        {
            // The process at hand is nsenter's, which became containerd's parent by entering the PID namespace.
            box.Run("sh", "-c", "kill -9 $(cat /proc/[0-9]*/stat | sed -nE 's/^([0-9]+) \\(containerd\\).*/\\1/p')");
            process.WaitForExit();
        }

        public void Dispose()
        {
            if (!process.HasExited)
                KillHard();
        }
    }
}
