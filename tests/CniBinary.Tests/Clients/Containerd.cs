using System.Diagnostics;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>A containerd in a box, and its ctr.</summary>
internal sealed class Containerd : IDisposable
{
    /// <summary>This machine's: 1.6 on Debian 12.</summary>
    public const string Installed = "installed";

    /// <summary>Debian unstable's: 2.1 at the time of writing.</summary>
    public const string Unstable = "unstable";

    private const string Socket = "/run/containerd.sock";

    private static readonly string[] s_ctr = ["ctr", "--address", Socket];

    private readonly ClientBox _box;
    private readonly Process _process;

    private Containerd(ClientBox box, Process process) => (_box, _process) = (box, process);

    /// <summary>The socket's path as this process sees it.</summary>
    public string OuterSocket => _box.Outside(Socket);

    /// <summary>What a box has to have of a release. Skips the test where there is none.</summary>
    public static string? Root(string release)
    {
        if (release == Unstable)
            return BuiltClients.CurrentRoot;
        foreach (var (program, package) in new[] { ("containerd", "containerd"), ("ctr", "containerd"), ("runc", "runc") })
            ClientBox.Require(program, package);
        return null;
    }

    public static Containerd Start(ClientBox box, params string[] options)
    {
        // That it is not this machine's 1.x after all.
        if (box.HasOwnPrograms)
            Assert.Matches(" v?[2-9][.]", box.Run("containerd", "--version"));
        var process = box.Start(["containerd", .. options, "--root", $"{box.Folder}/containerd", "--state", "/run/containerd", "--address", Socket, "--log-level", "error"]);
        // Nobody reads what it says: a full pipe would stop it.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var watch = Stopwatch.StartNew();
        while (box.Try([.. s_ctr, "version"]).ExitCode != 0)
            Assert.True(watch.Elapsed < ClientBox.Patience && !process.HasExited, "containerd does not answer");
        return new Containerd(box, process);
    }

    public string Ctr(params string[] arguments) => _box.Run([.. s_ctr, .. arguments]);

    /// <summary>A container whose ctr waits for its end, and calls DEL then.</summary>
    public Process Foreground(string id) => _box.Start([.. s_ctr, "run", "--rm", "--rootfs", "--cni", _box.Rootfs, id, "/bin/sleep", "1000"]);

    public string AddressOf(string id)
    {
        var shown = Ctr("task", "exec", "--exec-id", $"ip{Guid.NewGuid():N}", id, "/bin/ip", "-4", "-o", "address", "show", "dev", "eth0");
        return shown.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0];
    }

    /// <summary>The number of a container's first process in the box.</summary>
    public string ProcessOf(string id) => Ctr("task", "list").Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(words => words is [var name, ..] && name == id)[1];

    public void KillHard()
    {
        // The process at hand is nsenter's, which became containerd's parent by entering the PID namespace.
        _box.Run("sh", "-c", "kill -9 $(cat /proc/[0-9]*/stat | sed -nE 's/^([0-9]+) \\(containerd\\).*/\\1/p')");
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            KillHard();
    }
}
