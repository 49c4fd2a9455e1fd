using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Vnetcni.TestSupport.Network;

/// <summary>
/// A network namespace of a test's own, without a name: it lives as long as this object (or a socket made in it) and
/// vanishes with the process in any case. One thread lives inside; <see cref="Run{T}"/> runs code there. Processes and
/// threads started there belong to the namespace too, so start nothing there that outlives the test and keep async code out: a
/// worker that the thread pool makes there would stay in the namespace, whatever it works on later.
/// </summary>
public sealed partial class TestNetns : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private const int OCloseOnExec = 0x80000;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly int _descriptor;

    public TestNetns(string name)
        : this(name, null) => Ip("link set lo up");

    private TestNetns(string name, string? existing)
    {
        Name = name;
        var opened = new TaskCompletionSource<int>();
        _thread = new Thread(() => Live(opened, existing)) { IsBackground = true, Name = $"netns-{name}" };
        _thread.Start();
        _descriptor = opened.Task.GetAwaiter().GetResult();
    }

    /// <summary>A namespace that somebody else made and removes, such as /run/netns/NAME; disposing leaves it alone.</summary>
    public static TestNetns Existing(string path) => new(System.IO.Path.GetFileName(path), path);

    /// <summary>Why namespaces can't be made here, or null: hand it to Assert.SkipWhen.</summary>
    public static string? Unavailable { get; } = Probe();

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>What a runtime would pass as CNI_NETNS. Other processes can open it while this one lives.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_descriptor}";

    /// <summary>Runs code inside; its exception comes back.</summary>
    public T Run<T>(Func<T> code)
    {
        var result = new TaskCompletionSource<T>();
        _work.Add(() =>
        {
            try
            {
                result.SetResult(code());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        return result.Task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action code) => Run(() =>
    {
        code();
        return true;
    });

    /// <summary>Runs a program inside; gives its exit code and its output.</summary>
    public (int ExitCode, string Output) Execute(string program, string arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Run(() => Process.Start(start)!);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>Runs a program inside that reads <paramref name="input"/>; throws when it fails.</summary>
    public void Feed(string program, string arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true };
        using var process = Run(() => Process.Start(start)!);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {arguments} in {Name} ended with {process.ExitCode}: {errors}");
    }

    /// <summary>Runs <c>ip</c> inside; throws when it fails.</summary>
    public string Ip(string arguments)
    {
        var (exitCode, output) = Execute("ip", arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"ip {arguments} in {Name} ended with {exitCode}: {output}");
    }

    /// <summary>
    /// Runs <c>ip -j -d</c> inside: an independent witness of what the kernel has. When it says that its dump was
    /// interrupted by a change, it is run again.
    /// </summary>
    public IReadOnlyList<JsonElement> IpJson(string arguments)
    {
        string output;
        do
            output = Ip($"-j -d {arguments}").Trim();
        while (output.Contains("Dump was interrupted", StringComparison.Ordinal));
        return output.Length == 0 ? [] : [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];
    }

    /// <summary>True when one echo request of <paramref name="bytes"/> is answered within a second.</summary>
    public bool Ping(string address, int bytes = 56) => Execute("ping", $"-n -c 1 -W 1 -M do -s {bytes} {address}").ExitCode == 0;

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
        _ = Close(_descriptor);
    }

    private static string? Probe()
    {
        if (!OperatingSystem.IsLinux())
            return "network namespaces are Linux's";
        if (EffectiveUserId() != 0)
            return "network namespaces need root";
        if (!File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip") && !File.Exists("/usr/bin/ip"))
            return "`ip` (iproute2) is not installed";
        string? reason = null;
        var thread = new Thread(() =>
        {
            if (Unshare(CloneNewNet) != 0)
                reason = $"unshare(CLONE_NEWNET) failed: {Marshal.GetLastPInvokeErrorMessage()}";
        });
        thread.Start();
        thread.Join();
        return reason;
    }

    private void Live(TaskCompletionSource<int> opened, string? existing)
    {
        if (!Enter(existing))
        {
            opened.SetException(new InvalidOperationException($"entering a namespace failed: {Marshal.GetLastPInvokeErrorMessage()}"));
            return;
        }
        opened.SetResult(Open("/proc/thread-self/ns/net", OCloseOnExec));
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }

    private static bool Enter(string? existing)
    {
        if (existing is null)
            return Unshare(CloneNewNet) == 0;
        var descriptor = Open(existing, OCloseOnExec);
        var entered = descriptor >= 0 && SetNs(descriptor, CloneNewNet) == 0;
        if (descriptor >= 0)
            _ = Close(descriptor);
        return entered;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(int descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
