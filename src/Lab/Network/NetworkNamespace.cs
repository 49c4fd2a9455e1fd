using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Network;

/// <summary>A named network namespace of this lab, made and removed with iproute2.</summary>
/// <param name="Name">File name under /run/netns.</param>
internal sealed record NetworkNamespace(string Name)
{
    /// <summary>What CNI calls CNI_NETNS.</summary>
    public string Path => $"/run/netns/{Name}";

    /// <summary>Makes it, with its loopback up.</summary>
    public static async Task<NetworkNamespace> CreateAsync(string name, CancellationToken cancellationToken)
    {
        await Shell.RunAsync("ip", ["netns", "add", name], cancellationToken);
        var made = new NetworkNamespace(name);
        await made.IpAsync("link set lo up", cancellationToken);
        return made;
    }

    /// <summary>Removes every namespace whose name starts with the prefix.</summary>
    public static async Task RemoveAllAsync(string prefix, CancellationToken cancellationToken)
    {
        if (!Directory.Exists("/run/netns"))
            return;
        var names = Directory.EnumerateFiles("/run/netns")
            .Select(file => System.IO.Path.GetFileName(file)!)
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        foreach (var name in names)
            await Shell.TryRunAsync("ip", ["netns", "del", name], cancellationToken);
    }

    /// <summary>Removes it; one that is gone is no error.</summary>
    public Task DeleteAsync() => Shell.TryRunAsync("ip", ["netns", "del", Name], CancellationToken.None);

    /// <summary><c>ip -n NAME words...</c>.</summary>
    public Task<string> IpAsync(string words, CancellationToken cancellationToken) =>
        Shell.RunAsync("ip", ["-n", Name, .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)], cancellationToken);

    /// <summary><c>ip -n NAME -batch -</c>: many changes with one process.</summary>
    public Task<string> IpBatchAsync(IEnumerable<string> lines, CancellationToken cancellationToken) =>
        Shell.RunAsync("ip", ["-n", Name, "-batch", "-"], cancellationToken, string.Join('\n', lines) + "\n");

    /// <summary>Runs a command inside.</summary>
    public Task<string> RunAsync(string file, IEnumerable<string> arguments, CancellationToken cancellationToken, string? input = null) =>
        Shell.RunAsync("nsenter", [$"--net={Path}", "--", file, .. arguments], cancellationToken, input);

    /// <summary>Writes /proc/sys values of this namespace; the keys use slashes.</summary>
    public Task SysctlAsync(IEnumerable<(string Key, string Value)> settings, CancellationToken cancellationToken) =>
        RunAsync("/bin/sh", ["-e"], cancellationToken, string.Concat(settings.Select(s => $"echo {s.Value} > /proc/sys/{s.Key}\n")));
}
