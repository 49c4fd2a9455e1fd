using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Journal;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>The journal: each event under the lock, with the clock held still, so that a replay does the very same.</summary>
public sealed partial class SimulatedArm
{
    private readonly JournalWriter? _journal;
    private readonly JournalTime? _held;
    private readonly Dictionary<long, Call> _replayed = [];
    private long _calls;

    /// <summary>A sum over all that a client could read. Two simulators with the same sum are in the same state.</summary>
    public string State => Locked(() => StateSum.Of(_world));

    /// <summary>A simulator that does what a journal says and nothing by itself.</summary>
    internal static SimulatedArm ForReplay(JournalHead head)
    {
        var time = new JournalTime(head.Started);
        return new SimulatedArm(time, head.Seed, head.Settings, journal: null, time);
    }

    /// <summary>Does one event again; null when it gave what the journal says, else the difference.</summary>
    internal string? Replay(JournalEvent happened)
    {
        _held!.Hold(happened.At);
        try
        {
            return Redo(happened);
        }
        catch (Exception e) when (e is ScenarioException or ArmError or KeyNotFoundException or ArgumentException)
        {
            // Refused then as well: an event is written before it is tried.
            return null;
        }
    }

    private string? Redo(JournalEvent happened)
    {
        var number = happened.Number ?? 0;
        var target = happened.Target ?? string.Empty;
        switch (happened.Do)
        {
            case "open":
                var request = new SimRequest(happened.Method ?? string.Empty, target)
                {
                    Headers = happened.Headers ?? [],
                    Body = happened.Body is null ? default : Convert.FromBase64String(happened.Body),
                };
                _replayed[number] = Locked(() => Open(request).Call);
                return null;
            case "serve":
                return _replayed.Remove(number, out var call) ? CompareAnswer(happened, Locked(() => Serve(call))) : $"call {number} was never opened";
            case "timer":
                return _held!.Fire(number) ? null : $"timer {number} was never started";
            case "seed":
                Seed(happened.Scenario!);
                return null;
            case "fault":
                AddFault(happened.Fault!);
                return null;
            case "remove-fault":
                RemoveFault((int)number);
                return null;
            case "clear-faults":
                ClearFaults();
                return null;
            case "foreign-write":
                WriteAsForeigner(target);
                return null;
            case "power":
                SetPowerState(target, happened.Value!);
                return null;
            case "remove-vm":
                RemoveVm(target);
                return null;
            case "model-reset":
                ResetModel(target);
                return null;
            case "vnet":
                ChangeVnet(target, happened.AddressPrefixes, happened.Peerings);
                return null;
            case "metadata":
                Locked(() => AsOf(happened.Value!, target));
                return null;
            case "state":
                return State == happened.Sum ? null : $"the state is {State}, the journal says {happened.Sum}";
            default:
                return $"event \"{happened.Do}\" is not known";
        }
    }

    private static string? CompareAnswer(JournalEvent happened, SimResponse? response)
    {
        var (status, sum) = (response?.Status ?? 0, JournalWriter.Sum(response));
        return status == happened.Status && sum == happened.Sum
            ? null
            : $"call {happened.Number} was answered {status} ({sum}), the journal says {happened.Status} ({happened.Sum})";
    }

    private void FireTimer(long number, Action work) => Recorded(at => new JournalEvent(at, "timer") { Number = number }, work);

    private SimResponse? ServeRecorded(long number, Call call)
    {
        if (_journal is null)
            return Serve(call);
        return Held(at =>
        {
            var response = Serve(call);
            _journal.Write(new JournalEvent(at, "serve") { Number = number, Status = response?.Status ?? 0, Sum = JournalWriter.Sum(response) });
            return response;
        });
    }

    private void RecordState()
    {
        if (_journal is not null && !_disposed)
            Held(at => { _journal.Write(new JournalEvent(at, "state") { Sum = StateSum.Of(_world) }); return true; });
    }

    private void Recorded(Func<DateTimeOffset, JournalEvent> describe, Action work) => Recorded(
        describe,
        () =>
        {
            work();
            return true;
        });

    private T Recorded<T>(Func<DateTimeOffset, JournalEvent> describe, Func<T> work) => Locked(() => _journal is null || _disposed
        ? work()
        : Held(at =>
        {
            _journal.Write(describe(at));
            return work();
        }));

    private T Held<T>(Func<DateTimeOffset, T> work)
    {
        var now = _held!.Now;
        _held.Hold(now);
        try
        {
            return work(now);
        }
        finally
        {
            _held.Hold(null);
        }
    }

    private byte[]? Metadata(string template, string vm, Func<DateTimeOffset, byte[]?> answer) => Locked(() => _faults.Any(FaultKind.MetadataLag)
        ? Recorded(at => new JournalEvent(at, "metadata") { Target = vm, Value = template }, () => answer(AsOf(template, vm)))
        : answer(DateTimeOffset.MaxValue));

    /// <summary>The moment whose state the node sees; a lag is a fault.</summary>
    private DateTimeOffset AsOf(string template, string vm)
    {
        var route = new Route(template, string.Empty, null, null) { Path = $"/vm/{vm}/{template}" };
        return _faults.Take(FaultKind.MetadataLag, "GET", route, Now) is { } fault
            ? _time.GetUtcNow() - TimeSpan.FromSeconds(fault.DelaySeconds)
            : DateTimeOffset.MaxValue;
    }
}
