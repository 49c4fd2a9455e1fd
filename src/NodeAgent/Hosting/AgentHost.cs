using System.Net.NetworkInformation;
using System.Security.Cryptography;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Snat;
using Vnetcni.Dataplane.Linux.Traps;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.CniServer;
using Vnetcni.NodeAgent.Cri;
using Vnetcni.NodeAgent.Snat;

namespace Vnetcni.NodeAgent.Hosting;

/// <summary>The process: lock, ledger, socket, health. A stop removes nothing; pods keep their network.</summary>
internal sealed partial class AgentHost(AgentOptions options)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private Agent? _agent;

    /// <summary>Runs until a signal, or until something fails that can't be gone on without.</summary>
    public async Task RunAsync()
    {
        using var nodeLock = NodeLock.Take(options.RunFolder);
        await using var app = Endpoints.Build(options, () => _agent);
        var loggers = app.Services.GetRequiredService<ILoggerFactory>();
        var logger = loggers.CreateLogger("Vnetcni.NodeAgent.Hosting");
        await app.StartAsync();
        Starting(logger, options.NodeName, options.Pool, options.Socket);
        try
        {
            await ServeAsync(nodeLock, loggers, logger, app.Lifetime.ApplicationStopping);
        }
        finally
        {
            await app.StopAsync();
        }
    }

    /// <summary>Waits until no agent runs on this node, then removes everything of ours from it.</summary>
    public async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        static void Tell(string text) => Console.Error.WriteLine($"vnetcni agent: {text}");
        using var nodeLock = await NodeLock.TakeAsync(options.RunFolder, TimeProvider.System, Tell, cancellationToken);
        var nic = options.Nic.Length > 0 ? options.Nic : null;
        using var network = new LinuxNodeNetwork(new LinuxNodeNetworkOptions { Nic = nic });
        using var egress = new LinuxPodEgress(nic);
        await new NodeCleanUp(options, Tell).RunAsync(network, egress, cancellationToken);
    }

    private async Task ServeAsync(SafeFileHandle nodeLock, ILoggerFactory loggers, ILogger logger, CancellationToken stopping)
    {
        var time = TimeProvider.System;
        var paths = new AgentPaths(options.Socket);
        using var network = new LinuxNodeNetwork(new LinuxNodeNetworkOptions { Nic = options.Nic.Length > 0 ? options.Nic : null });
        using var store = new FileLedgerStore(
            Path.Combine(options.RunFolder, "ledger"), BootId.Read(), logger: loggers.CreateLogger("Vnetcni.NodeAgent.Checkpoint"));
        using var api = options.PoolFile is null ? Connect(time) : null;
        using var egress = new LinuxPodEgress(options.Nic.Length > 0 ? options.Nic : null, network);
        using var sandboxes = new CriSandboxes(new CriSocket(options.CriSocket, File.Exists), time, loggers.CreateLogger("Vnetcni.NodeAgent.Cri"));
        using var agent = Compose(network, egress, sandboxes, store, api, time, loggers);
        _agent = agent;

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var run = agent.RunAsync(stop.Token);
        await Task.WhenAny(agent.Started, run);
        if (!agent.Started.IsCompletedSuccessfully)
        {
            await run;
            return;
        }

        var serverOptions = new AgentSocketServerOptions { Paths = paths, NodeLock = nodeLock };
        var traps = new NodeTraps(() => LinuxNodeObserver.Observe(options.Nic.Length > 0 ? options.Nic : null), logger);
        traps.Report([], 0);
        var conflist = InstallConflistAsync(agent, traps, time, logger, stop.Token);
        await using (var server = new AgentSocketServer(serverOptions, agent.Attachments, time, loggers.CreateLogger<AgentSocketServer>()))
        {
            await server.StartAsync();
            await Task.WhenAny(run, Task.Delay(Timeout.InfiniteTimeSpan, time, stop.Token));
            Stopping(logger);
        }

        // The core outlives the socket: running calls were given their moment.
        await stop.CancelAsync();
        await conflist;
        await run;
    }

    private Agent Compose(
        LinuxNodeNetwork network, LinuxPodEgress egress, CriSandboxes sandboxes, FileLedgerStore store, HttpKubeApi? api, TimeProvider time,
        ILoggerFactory loggers)
    {
        var settings = new AgentSettings
        {
            NodeName = options.NodeName,
            BootId = BootId.Read(),
            MacAddresses = MacAddresses(),
            VmId = options.VmId,
            VethPrefix = options.VethPrefix,
        };
        return api is null
            ? Agent.ForFile(settings, options.PoolFile!, network, store, time, loggers, egress, sandboxes)
            : Agent.ForKubernetes(settings, api, network, store, time, new Jitter(RandomNumberGenerator.GetInt32(int.MaxValue)), loggers, egress, sandboxes);
    }

    private HttpKubeApi Connect(TimeProvider time)
    {
        var configuration = options.Kubeconfig.Length > 0
            ? KubernetesClientConfiguration.BuildConfigFromConfigFile(options.Kubeconfig)
            : KubernetesClientConfiguration.InClusterConfig();
        return HttpKubeApi.FromConfig(configuration, time, new HttpKubeApiOptions { UserAgent = "vnetcni-agent/0.1" });
    }

    private async Task InstallConflistAsync(Agent agent, NodeTraps traps, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        try
        {
            while (agent.NotServing is not null)
                await Task.Delay(Look, time, stopping);
            traps.Report([.. agent.Records.Select(record => record.Address.ToIPAddress())], agent.Mtu);
            if (options.Conflist.Length == 0)
                return;
            var content = Conflist.Content(options.Network, options.Socket, ChainedPlugins.Read(options.ChainedPlugins));
            while (!TryInstall(content, logger))
                await Task.Delay(Look, time, stopping);
        }
        catch (OperationCanceledException)
        {
            if (options.Conflist.Length > 0)
                NotInstalled(logger, options.Conflist);
        }
    }

    private bool TryInstall(byte[] content, ILogger logger)
    {
        try
        {
            Conflist.Install(options.Conflist, content);
            Installed(logger, options.Conflist);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            InstallFailed(logger, options.Conflist, e.Message);
            return false;
        }
    }

    // By getifaddrs, since /sys shows the interfaces of another namespace where only the network's was entered.
    private string[] MacAddresses() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(nic => nic.NetworkInterfaceType != NetworkInterfaceType.Loopback && (options.Nic.Length == 0 || nic.Name == options.Nic))
            .Where(nic => !nic.Name.StartsWith(options.VethPrefix, StringComparison.Ordinal))
            .Select(nic => Convert.ToHexStringLower(nic.GetPhysicalAddress().GetAddressBytes()))
            .Where(mac => mac.Length == 12)
            .Select(mac => string.Join(':', mac.Chunk(2).Select(pair => new string(pair))))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "Agent of node {Node} starts: pool {Pool}, socket {Socket}")]
    private static partial void Starting(ILogger logger, string node, string pool, string socket);

    [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "Stopping; nothing is removed")]
    private static partial void Stopping(ILogger logger);

    [LoggerMessage(EventId = 303, Level = LogLevel.Information, Message = "Network configuration {Path} is in place")]
    private static partial void Installed(ILogger logger, string path);

    [LoggerMessage(EventId = 304, Level = LogLevel.Warning, Message = "Network configuration {Path} could not be written, it is tried again: {Error}")]
    private static partial void InstallFailed(ILogger logger, string path, string error);

    [LoggerMessage(EventId = 305, Level = LogLevel.Information, Message = "Network configuration {Path} was not written: the agent stopped before it served")]
    private static partial void NotInstalled(ILogger logger, string path);
}
