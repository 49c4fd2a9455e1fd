using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Vnetcni.Ipam.Ledger.Leaks;
using Vnetcni.NodeAgent.Cri.Messages;
using Vnetcni.NodeAgent.Leaks;

namespace Vnetcni.NodeAgent.Cri;

/// <summary>
/// The node's container runtime, found by its socket. Where no socket is found none is asked, until there is one; a runtime
/// once found that does not answer, or answers nonsense, is silent.
/// </summary>
internal sealed partial class CriSandboxes(CriSocket socket, TimeProvider time, ILogger logger) : ISandboxes, IDisposable
{
    /// <summary>How long an answer may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>More than any node runs, with those that it still remembers.</summary>
    public const int MaxSandboxes = 10_000;

    /// <summary>Ids are 64 hexadecimal digits where we know them.</summary>
    private const int MaxId = 256;

    private readonly Lock _gate = new();
    private CriClient? _client;
    private string? _said;
    private volatile string _state = "not asked yet";

    /// <inheritdoc/>
    public string State => _state;

    /// <inheritdoc/>
    public async Task<SandboxWitness> AskAsync(CancellationToken cancellationToken)
    {
        if (Client() is not { } client)
            return SandboxWitness.None;
        using var limit = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var witness = Read(await client.ListAsync(either.Token));
            Answered(string.Create(CultureInfo.InvariantCulture, $"{socket.Path}: {witness.Count} sandboxes"));
            return witness;
        }
        catch (Exception e) when (e is RpcException or InvalidDataException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var cause = e is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : e.Message;
            IsSilent(limit.IsCancellationRequested ? $"no answer within {Timeout.TotalSeconds:0} s" : cause);
            return SandboxWitness.Silent;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _client?.Dispose();
    }

    // A list of which one entry makes no sense is not believed at all: an id that is lost looks like a sandbox that is gone.
    private static SandboxWitness Read(ListPodSandboxResponse answer)
    {
        if (answer.Items.Count > MaxSandboxes)
            throw new InvalidDataException($"it lists {answer.Items.Count} sandboxes, more than {MaxSandboxes}");
        var running = new Dictionary<string, bool>(answer.Items.Count, StringComparer.Ordinal);
        foreach (var sandbox in answer.Items)
        {
            if (sandbox.Id.Length is 0 or > MaxId)
                throw new InvalidDataException($"a sandbox's id has {sandbox.Id.Length} characters");
            // A state of a later version is none that says that it has stopped.
            var runs = sandbox.State != PodSandboxState.SandboxNotready;
            if (!running.TryAdd(sandbox.Id, runs))
                throw new InvalidDataException($"it lists {sandbox.Id} twice");
        }

        return SandboxWitness.Listing(running);
    }

    private CriClient? Client()
    {
        lock (_gate)
        {
            if (_client is not null)
                return _client;
            if (socket.Find())
                return _client = new CriClient(socket.Path);
        }

        _state = $"off: {socket.Absence}";
        if (Say(_state))
            Off(logger, socket.Absence);
        return null;
    }

    private void Answered(string state)
    {
        _state = state;
        if (Say("answers"))
            On(logger, state);
    }

    private void IsSilent(string cause)
    {
        _state = $"{socket.Path} does not answer: {cause}";
        if (Say("silent"))
            Silent(logger, socket.Path, cause);
    }

    // Once for each change.
    private bool Say(string what)
    {
        lock (_gate)
        {
            if (_said == what)
                return false;
            _said = what;
            return true;
        }
    }

    [LoggerMessage(EventId = 521, Level = LogLevel.Information, Message = "No container runtime is asked which sandboxes live: {Cause}. Leaks are found by the kernel's links alone")]
    private static partial void Off(ILogger logger, string cause);

    [LoggerMessage(EventId = 522, Level = LogLevel.Information, Message = "The container runtime answers at {State}")]
    private static partial void On(ILogger logger, string state);

    [LoggerMessage(EventId = 523, Level = LogLevel.Warning, Message = "The container runtime at {Socket} does not say which sandboxes live ({Cause}): nothing that needs its word is freed until it does")]
    private static partial void Silent(ILogger logger, string socket, string cause);
}
