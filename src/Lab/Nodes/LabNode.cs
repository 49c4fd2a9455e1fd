using System.Net.Sockets;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Nodes;

/// <summary>One machine of the lab: a network namespace with a NIC on the fabric, and its agent.</summary>
internal sealed class LabNode(LabNodeSettings settings, NetworkNamespace space, string folder) : IAsyncDisposable
{
    private Daemon? _agent;

    /// <summary>What it is.</summary>
    public LabNodeSettings Settings { get; } = settings;

    /// <summary>Its network namespace.</summary>
    public NetworkNamespace Space { get; } = space;

    /// <summary>Kubernetes name of the node.</summary>
    public string Name => Settings.Name;

    /// <summary>Where its agent keeps socket, checkpoint and spool.</summary>
    public string RunFolder { get; } = Path.Combine(folder, settings.Name);

    /// <summary>The agent's socket.</summary>
    public string Socket => Path.Combine(RunFolder, "agent.sock");

    /// <summary>The running agent, or null.</summary>
    public Daemon? Agent => _agent;

    /// <summary>Starts the agent in the node's namespace and waits until it answers CNI calls.</summary>
    public async Task StartAgentAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(RunFolder);
        _agent = Daemon.Start($"agent {Name}", Path.Combine(folder, $"{Name}.log"), Space.Name, program, arguments);
        var start = TimeProvider.System.GetTimestamp();
        while (!await ListensAsync(cancellationToken))
        {
            if (_agent.HasExited || TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
                throw new ShellException($"the agent of {Name} does not listen on {Socket}:\n{_agent.Tail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAgentAsync()
    {
        if (_agent is not null)
            await _agent.KillAsync();
    }

    /// <summary>SIGTERM; its exit code.</summary>
    public async Task<int> StopAgentAsync() => _agent is null ? 0 : await _agent.StopAsync(TimeSpan.FromSeconds(10));

    /// <summary>How many addresses the agent has in a state, by its own metrics.</summary>
    public async Task<int> AgentCountAsync(string state, CancellationToken cancellationToken)
    {
        var text = await Space.RunAsync("curl", ["-sS", "--max-time", "5", "http://127.0.0.1:9468/metrics"], cancellationToken);
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith("vnetcni_agent_addresses", StringComparison.Ordinal) && l.Contains($"state=\"{state}\"", StringComparison.Ordinal))
            ?? throw new ShellException($"the agent of {Name} tells no vnetcni_agent_addresses with state {state}");
        var value = line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Trim().Split(' ')[0];
        return (int)double.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Resident memory of the agent in KiB.</summary>
    public long AgentMemoryKiB()
    {
        if (_agent is null || _agent.HasExited)
            return 0;
        var line = File.ReadLines($"/proc/{_agent.Id}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(new string(line.Where(char.IsAsciiDigit).ToArray()), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        await Space.DeleteAsync();
    }

    // That the socket's file is there says nothing: one that was killed leaves it.
    private async Task<bool> ListensAsync(CancellationToken cancellationToken)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>Identity of a lab machine, the same in Kubernetes, in ARM and on the fabric.</summary>
/// <param name="Name">Node and VM name.</param>
/// <param name="Nic">NIC name.</param>
/// <param name="Mac">NIC MAC, colon-separated.</param>
/// <param name="Address">The NIC's primary address.</param>
/// <param name="VmId">Azure's vmId.</param>
internal sealed record LabNodeSettings(string Name, string Nic, string Mac, string Address, string VmId);
