using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.Lab.Soak.Plan;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Churn;

/// <summary>
/// Starts and stops pods one after the other on a thread of its own, as kubelet does: an ADD that fails is followed by a DEL, a
/// DEL is repeated until it succeeds.
/// </summary>
internal sealed class ChurnWorker(ChurnState state, int number) : IDisposable
{
    private const double SecondAdd = 0.02;
    private const double UnknownDelete = 0.02;
    private static readonly TimeSpan DeletePatience = TimeSpan.FromSeconds(60);
    private readonly SoakRandom _random = SoakRandom.For(state.Options.Seed, number);
    private readonly ChurnClient _client = new(state.Socket);
    private readonly ChurnSandbox[] _sandboxes = [.. Enumerable.Range(0, ChurnOptions.SandboxesEach).Select(_ => ChurnSandbox.Create())];
    private readonly (string Id, string Address)?[] _pods = new (string, string)?[ChurnOptions.SandboxesEach];
    private int _next;

    /// <summary>Until the run is to end; then all of its pods go.</summary>
    public void Run()
    {
        while (!state.Ending)
        {
            var slot = _random.Between(0, _pods.Length - 1);
            if (_pods[slot] is null)
                Start(slot);
            else
                Stop(slot);
        }

        for (var slot = 0; slot < _pods.Length; slot++)
            Stop(slot);
    }

    /// <summary>Starts pods until one has no address, or all sandboxes have one; gives their number. For the end, where nothing is killed.</summary>
    public int Fill(int most)
    {
        var started = 0;
        for (var slot = 0; slot < _pods.Length && started < most; slot++)
        {
            Start(slot);
            started += _pods[slot] is null ? 0 : 1;
        }

        return started;
    }

    /// <summary>Stops what <see cref="Fill"/> started.</summary>
    public void Empty()
    {
        for (var slot = 0; slot < _pods.Length; slot++)
            Stop(slot);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_sandboxes, sandbox => sandbox.Dispose());

    private void Start(int slot)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"churn{number:d2}{_next++:d10}");
        var sandbox = _sandboxes[slot];
        var called = state.Now;
        if (Try(CniCommand.Add, id, sandbox) is not { ExitCode: 0 } reply)
        {
            // Whatever became of it: not ours, so it goes.
            Delete(id, null);
            return;
        }

        state.Calls.Succeeded("ADD", state.Now - called);
        var address = JsonNode.Parse(reply.Output.Span)!["ips"]![0]!["address"]!.GetValue<string>();
        state.Report(state.Truth.Added(state.Now, address, "node", id));
        _pods[slot] = (id, address);
        if (_random.Chance(SecondAdd) && Try(CniCommand.Add, id, sandbox) is { ExitCode: 0 } second)
            state.Report(new SoakViolation("a second ADD of an owner is refused", $"{id} holds {address} and got {Text(second)}"));
        if (_random.Chance(UnknownDelete))
            Delete($"{id}x", null);
    }

    private void Stop(int slot)
    {
        if (_pods[slot] is not { } pod)
            return;
        _pods[slot] = null;
        Delete(pod.Id, pod.Address);
        state.PodGone();
    }

    private void Delete(string id, string? address)
    {
        if (address is not null)
            state.Truth.Deleting(state.Now, address, id);
        var called = state.Now;
        while (Try(CniCommand.Del, id, null) is not { ExitCode: 0 })
        {
            if (state.Now - called <= DeletePatience)
                continue;
            state.Report(new SoakViolation("a DEL succeeds within 60 s", $"that of {id} did not"));
            return;
        }

        state.Calls.Succeeded("DEL", state.Now - called);
        if (address is not null)
            state.Truth.Deleted(state.Now, address, id);
    }

    // Null: the agent was away. Waits a moment then, for it is on its way back.
    private WireReply? Try(CniCommand command, string id, ChurnSandbox? sandbox)
    {
        try
        {
            var reply = _client.Call(command, id, sandbox?.Path ?? string.Empty, sandbox is null ? [] : sandbox.Descriptors);
            if (reply.ExitCode != 0)
                Count(command, reply);
            return reply;
        }
        catch (IOException)
        {
            state.Calls.Note($"{command.Name()} met no agent");
            state.Pause(TimeSpan.FromMilliseconds(20));
            return null;
        }
    }

    private void Count(CniCommand command, WireReply reply)
    {
        var error = JsonNode.Parse(reply.Output.Span)!;
        var code = error["code"]!.GetValue<int>();
        var expected = code is CniErrorCode.TryAgainLater or CniErrorCode.NoAddress or CniErrorCode.InterfaceExists;
        state.Calls.Failed(command.Name(), code, code != CniErrorCode.InterfaceExists, $"{error["msg"]}; {error["details"]}");
        if (!expected)
            state.Report(new SoakViolation("ADD and DEL fail only with errors that say to come again", Text(reply)));
    }

    private static string Text(WireReply reply) => Encoding.UTF8.GetString(reply.Output.Span);
}
