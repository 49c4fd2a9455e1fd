using System.Diagnostics;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>
/// Where a container runtime runs: mount and PID namespaces of its own over a node's network, the published binary in /opt/cni/bin
/// beside Debian's plug-ins, the conflist that the agent installs in /etc/cni/net.d, and a root file system for containers.
/// Whatever is started in it ends with it.
/// </summary>
public sealed class ClientBox : IDisposable
{
    /// <summary>What a client that is stuck is ended after.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Only what the runtimes would share with this machine's own is hidden. The last line is process 1 of the box.
    private const string SetUp = """
        set -e
        if [ -n "$4" ]; then
          for part in "$4"/usr/*; do mount -t overlay -o "lowerdir=$part:/usr/${part##*/}" none "/usr/${part##*/}"; done
        fi
        mkdir -p /etc/cni /opt
        for folder in /run /opt /etc/cni; do mount -t tmpfs -o mode=755 none "$folder"; done
        mkdir -p /run/netns /run/lock /opt/cni/bin /etc/cni/net.d
        if [ -d /usr/lib/cni ]; then cp /usr/lib/cni/* /opt/cni/bin/; fi
        cp "$1" /opt/cni/bin/vnetcni
        cp "$3/10-vnetcni.conflist" /etc/cni/net.d/
        mkdir -p "$2/rootfs/bin" "$2/rootfs/proc" "$2/rootfs/sys" "$2/rootfs/dev" "$2/rootfs/etc" "$2/rootfs/tmp"
        cp "$(command -v busybox)" "$2/rootfs/bin/busybox"
        for tool in sh sleep ip ping cat; do ln -sf busybox "$2/rootfs/bin/$tool"; done
        touch "$2/ready"
        exec sleep infinity
        """;

    private readonly TestNetns _node;
    private readonly Process _holder;
    private readonly List<Process> _started = [];
    private readonly int _init;

    /// <param name="node">The node.</param>
    /// <param name="binary">The published binary.</param>
    /// <param name="root">Folder of programs, and of libraries for them, that are seen over this machine's.</param>
    public ClientBox(RealNode node, PublishedBinary binary, string? root = null)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(binary);
        Require("unshare", "util-linux");
        Require("busybox", "busybox-static");
        (_node, HasOwnPrograms) = (node.Node, root is not null);
        Folder = Directory.CreateDirectory(Path.Combine(node.Folder, "client")).FullName;
        _holder = Spawn("unshare", ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", SetUp, "setup", binary.Path, Folder, node.InstallConflist(), root ?? ""]);
        var watch = Stopwatch.StartNew();
        while (!File.Exists(Path.Combine(Folder, "ready")))
        {
            if (_holder.HasExited)
                Assert.Skip($"mount and PID namespaces can't be made here: {_holder.StandardError.ReadToEnd()}");
            Assert.True(watch.Elapsed < Patience, "the box is not ready");
            Thread.Sleep(20);
        }

        _init = int.Parse(File.ReadAllText($"/proc/{_holder.Id}/task/{_holder.Id}/children").Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>For the clients' own files; the same path inside and outside.</summary>
    public string Folder { get; }

    /// <summary>Whether it has programs that are not this machine's.</summary>
    public bool HasOwnPrograms { get; }

    /// <summary>A root file system with busybox.</summary>
    public string Rootfs => Path.Combine(Folder, "rootfs");

    /// <summary>A path in the box as this process sees it.</summary>
    public string Outside(string path) => $"/proc/{_init}/root{path}";

    /// <summary>Notes from now on the verb and the version of each call of the binary; gives those until then.</summary>
    public Func<string[]> NoteCalls()
    {
        var notes = Path.Combine(Folder, "calls");
        var binary = Outside("/opt/cni/bin/vnetcni");
        File.Move(binary, $"{binary}.own");
        File.WriteAllText(binary, $$"""
            #!/bin/sh
            config=$(cat)
            version=$(printf %s "$config" | grep -o '"cniVersion": *"[^"]*"' | head -n 1 | cut -d '"' -f 4)
            echo "$CNI_COMMAND $version" >> {{notes}}
            printf %s "$config" | /opt/cni/bin/vnetcni.own

            """);
        File.SetUnixFileMode(binary, File.GetUnixFileMode($"{binary}.own"));
        return () => File.Exists(notes) ? File.ReadAllLines(notes) : [];
    }

    /// <summary>Skips the test where a program is not installed.</summary>
    public static void Require(string program, string package)
    {
        if (!new[] { "/usr/bin", "/usr/sbin", "/bin", "/sbin" }.Any(folder => File.Exists(Path.Combine(folder, program))))
            Assert.Skip($"`{program}` is not installed: apt-get install {package}");
    }

    /// <summary>Starts a program inside; it is ended with the box.</summary>
    public Process Start(params string[] command)
    {
        var process = Spawn("nsenter", ["--target", $"{_init}", "--mount", "--pid", "--", .. command]);
        _started.Add(process);
        return process;
    }

    /// <summary>Runs a program inside; gives its output, and fails when it fails.</summary>
    public string Run(params string[] command)
    {
        var (exitCode, output) = Try(command);
        Assert.True(exitCode == 0, $"{string.Join(' ', command)}: {exitCode}: {output}");
        return output;
    }

    /// <summary>The same with its exit code.</summary>
    public (int ExitCode, string Output) Try(params string[] command)
    {
        var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Patience))
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors.Result);
    }

    public void Dispose()
    {
        // SIGTERM is what unshare waits out; its child has asked for SIGKILL at its parent's death, and all others in the box go with it.
        _holder.Kill();
        _holder.WaitForExit();
        foreach (var process in _started)
        {
            process.WaitForExit();
            process.Dispose();
        }

        _holder.Dispose();
    }

    private Process Spawn(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A runtime of this machine's must not be found by its variables.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("CONTAINER", StringComparison.Ordinal) || name.StartsWith("XDG_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        var process = _node.Run(() => Process.Start(start)!);
        process.StandardInput.Close();
        return process;
    }
}
