using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Spool;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer.Calls;
using Vnetcni.NodeAgent.CniServer.Sockets;

namespace Vnetcni.NodeAgent.CniServer;

/// <summary>
/// Serves the CNI binary on a unix socket. It does the recorded DELs before it listens, and touches the alive file once ADD
/// can be served.
/// </summary>
/// <param name="options">Paths, bounds and seams.</param>
/// <param name="attachments">The core. Called on <see cref="AgentSocketServerOptions.Core"/> alone.</param>
/// <param name="time">Clock of the rounds and deadlines.</param>
/// <param name="logger">Log.</param>
public sealed class AgentSocketServer(
    AgentSocketServerOptions options, IAttachments attachments, TimeProvider time, ILogger<AgentSocketServer> logger) : IAsyncDisposable
{
    private readonly string _bootId = BootId.Read();
    private SpoolDrainer? _spool;
    private SocketLoop? _loop;
    private ITimer? _rounds;
    private volatile bool _stopped;

    // One round at a time, and none once the server has stopped.
#pragma warning disable CA2213 // A round that was posted may ask for its turn after the stop; a semaphore without a wait handle holds nothing to give back.
    private readonly SemaphoreSlim _turn = new(1);
#pragma warning restore CA2213

    /// <summary>Drains the spool, opens the socket, and starts the rounds. To be called once.</summary>
    /// <exception cref="IOException">Another agent serves, or the socket can't be made.</exception>
    public async Task StartAsync()
    {
        _spool = new SpoolDrainer(new SpoolFolder(options.Paths.Spool), _bootId, attachments, time, logger);
        await _spool.DrainAsync();
        var listener = CniListener.Open(options.Paths, options.NodeLock);
        var limits = new LoopLimits(
            options.MostWaitingAdds, options.MostConnections, options.ReceiveTimeout, options.CrowdedReceiveTimeout, options.SendTimeout, options.StopTimeout);
        _loop = new SocketLoop(
            listener,
            new CniCallReader(options.PodNamespaces),
            new CniCallRunner(attachments, _spool, logger),
            options.Core,
            limits,
            time,
            logger);
        _loop.Start();
        logger.Serving(options.Paths.Socket);
        _rounds = time.CreateTimer(_ => options.Core.Post(_ => Forget(RoundAsync()), null), null, TimeSpan.Zero, AliveMark.Interval);
    }

    /// <summary>
    /// Stops: no more calls, waiting ADDs are given up with "try again later", running calls get a moment. The alive file
    /// stays: a restart is no absence.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        if (_rounds is not null)
            await _rounds.DisposeAsync();
        if (_loop is not null)
        {
            logger.Stopped(await _loop.StopAsync());
            _loop.Dispose();
        }

        _rounds = null;
        _loop = null;
        await RoundEndedAsync();
    }

    /// <summary>Through the core, so that a core that is stuck lets the alive file grow old.</summary>
    private async Task RoundAsync()
    {
        if (!_turn.Wait(0))
            return;
        try
        {
            if (_stopped)
                return;
            await _spool!.DrainAsync();
            await attachments.StatusAsync(CancellationToken.None);
            AliveMark.Touch(options.Paths.Alive, _bootId, time.GetUtcNow());
        }
        catch (CniException e) when (e.Code == CniErrorCode.NotAvailable)
        {
            logger.NotServingYet(e.Message, e.Details);
        }
        catch (Exception e)
        {
            logger.RoundFailed(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    // A core that is stuck does not keep the process from ending.
    private async Task RoundEndedAsync()
    {
        using var patience = new CancellationTokenSource(options.StopTimeout, time);
        try
        {
            await _turn.WaitAsync(patience.Token);
            _turn.Release();
        }
        catch (OperationCanceledException)
        {
            logger.RoundStillRuns(options.StopTimeout.TotalSeconds);
        }
    }

    private static void Forget(Task task) => _ = task;
}
