using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.ArmSimulator.Compute;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Invariants;
using Vnetcni.ArmSimulator.Journal;
using Vnetcni.ArmSimulator.Network;
using Vnetcni.ArmSimulator.Operations;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ArmSimulator.Throttling;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>
/// An Azure Resource Manager in memory that enforces the real limits. It has no threads and no clock of its own: time comes
/// from the <see cref="TimeProvider"/>, chance from the seed, so the same calls give the same answers. All members may be
/// called from any thread.
/// </summary>
public sealed partial class SimulatedArm : IDisposable
{
    private readonly Lock _gate = new();
    // The clock of the inside, which a journal holds still, and that of the caller, who waits.
    private readonly TimeProvider _time;
    private readonly TimeProvider _waits;
    private readonly SimSettings _settings;
    private readonly World _world = new();
    private readonly OperationTable _operations;
    private readonly FaultSet _faults;
    private readonly Latency _latency;
    private readonly RequestLog _log;
    private readonly InvariantChecker _checker;
    private readonly AddressBook _book;
    private readonly NicTable _nics;
    private readonly NicHandler _nicHandler;
    private readonly ScaleSetVmHandler _scaleSets;
    private readonly Dispatcher _dispatcher;
    private readonly DateTimeOffset _started;
    private bool _disposed;

    /// <summary>An empty simulator: no subscription is known until <see cref="Seed"/>.</summary>
    /// <param name="time">Clock and timers.</param>
    /// <param name="seed">Where all chance comes from.</param>
    /// <param name="settings">Null for the defaults, which follow Azure.</param>
    /// <param name="journal">Gets every event as a line that <see cref="JournalReplay"/> can do again, or null. It is not closed.</param>
    public SimulatedArm(TimeProvider time, ulong seed, SimSettings? settings = null, TextWriter? journal = null)
        : this(time, seed, settings, journal is null ? null : new JournalWriter(journal), replay: null)
    {
    }

    private SimulatedArm(TimeProvider time, ulong seed, SimSettings? settings, JournalWriter? journal, JournalTime? replay)
    {
        ArgumentNullException.ThrowIfNull(time);
        _journal = journal;
        _held = replay ?? (journal is null ? null : new JournalTime(time, FireTimer));
        _waits = time;
        _time = time = (TimeProvider?)_held ?? time;
        _settings = settings ?? new SimSettings();
        _started = time.GetUtcNow();
        journal?.Begin(new JournalHead(JournalHead.Current, _started, seed, _settings));
        var random = new SimRandom(seed);
        _operations = new OperationTable(_settings.FinishedOperationsKept);
        _faults = new FaultSet(random.Fork());
        _latency = new Latency(_settings.Latency, random.Fork());
        _log = new RequestLog(_settings.JournalCapacity);
        _checker = new InvariantChecker(_world, _settings, time);
        _book = new AddressBook(_world);
        _nics = new NicTable(_world, _settings, time, _latency, _operations, _checker, _book, random) { Locked = Locked };
        _nicHandler = new NicHandler(_world, _settings, _nics, random);
        var dispatches = random.Fork();
        var models = new ScaleSetTable(_world, _settings, time, _latency, _operations, _checker, _nics) { Locked = Locked };
        _scaleSets = new ScaleSetVmHandler(_world, _settings, models, _nics, _nicHandler, random);
        _dispatcher = new Dispatcher(
            _world,
            _settings,
            new Throttle(_settings.Throttle),
            _nicHandler,
            new VnetHandler(_world, _settings),
            new VmHandler(_world, _settings),
            _scaleSets,
            new OperationHandler(_operations),
            dispatches);
    }

    /// <summary>The clock that callers wait on.</summary>
    internal TimeProvider Clock => _waits;

    /// <summary>The settings it was made with.</summary>
    public SimSettings Settings => _settings;

    /// <summary>
    /// Serves one request. Without request latency the task is complete on return. Throws
    /// <see cref="SimConnectionDroppedException"/> when a fault ends the connection.
    /// </summary>
    public async Task<SimResponse> HandleAsync(SimRequest request, CancellationToken cancellationToken)
    {
        var response = await AnswerAsync(request, cancellationToken);
        if (response.SlowBody > TimeSpan.Zero)
            await Task.Delay(response.SlowBody, _waits, cancellationToken);
        return response;
    }

    /// <summary>The same without the wait for a slow body, for a server that sends it in parts.</summary>
    internal async Task<SimResponse> AnswerAsync(SimRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var number = 0L;
        var (call, wait) = Recorded(at => JournalWriter.Open(at, number = ++_calls, request), () => Open(request));
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait / 2, _waits, cancellationToken);
        var response = Locked(() => ServeRecorded(number, call));
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait / 2, _waits, cancellationToken);
        return response ?? throw new SimConnectionDroppedException();
    }

    /// <summary>Adds resources. Throws <see cref="ScenarioException"/> when one cannot be built; those before it stay.</summary>
    public void Seed(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Recorded(at => new JournalEvent(at, "seed") { Scenario = scenario }, () => new Seeder(_world, _nics, _time).Build(scenario));
    }

    /// <summary>Adds a fault rule and returns its number. Throws <see cref="ArgumentException"/> on values out of range.</summary>
    public int AddFault(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return Recorded(at => new JournalEvent(at, "fault") { Fault = fault }, () =>
        {
            _world.RemembersPast |= fault.Kind == FaultKind.MetadataLag;
            return _faults.Add(fault);
        });
    }

    /// <summary>Removes one fault rule; false if there is none of that number.</summary>
    public bool RemoveFault(int id) => Recorded(at => new JournalEvent(at, "remove-fault") { Number = id }, () => _faults.Remove(id));

    /// <summary>Removes all fault rules.</summary>
    public void ClearFaults() => Recorded(at => new JournalEvent(at, "clear-faults"), _faults.Clear);

    /// <summary>The fault rules in force and how often each fired.</summary>
    public IReadOnlyList<FaultStatus> Faults => Locked(_faults.List);

    /// <summary>Checks that the journal's replay equals the state and returns every broken invariant so far; empty is good.</summary>
    public IReadOnlyList<Violation> Violations => Locked(_checker.Check);

    /// <summary>The last requests, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Journal => Locked(() => _log.Entries);

    /// <summary>Requests per method and route.</summary>
    public IReadOnlyList<RequestCount> Counters => Locked(() => _log.Counters);

    /// <summary>Requests by quota.</summary>
    public RequestTotals Totals => Locked(() => _log.Totals);

    /// <summary>All addresses and who owns them, now.</summary>
    public AddressSnapshot Addresses => Locked(() => _book.Snapshot);

    /// <summary>Waits until the addresses are newer than <paramref name="since"/> or the time is up, and returns them.</summary>
    public async Task<AddressSnapshot> WaitForAddressesAsync(long since, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var change = Locked(() => _book.Version > since ? Task.CompletedTask : _book.NextChange());
        if (!change.IsCompleted)
        {
            var given = new TaskCompletionSource();
            using var timer = _waits.CreateTimer(_ => given.TrySetResult(), null, timeout, Timeout.InfiniteTimeSpan);
            using var registration = cancellationToken.Register(() => given.TrySetResult());
            await Task.WhenAny(change, given.Task);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Addresses;
    }

    /// <summary>Another tool adds an ipConfiguration to a NIC. Throws <see cref="KeyNotFoundException"/> if there is no such NIC.</summary>
    public void WriteAsForeigner(string nicId)
    {
        ArgumentNullException.ThrowIfNull(nicId);
        Recorded(at => new JournalEvent(at, "foreign-write") { Target = nicId }, () =>
        {
            var nic = _world.Nics[ResourceId.KeyOf(nicId)];
            if (nic.Vm is not null && _world.Vms[nic.Vm] is { Instance: not null } vm)
                _scaleSets.WriteAsForeigner(vm, nic);
            else
                _nicHandler.WriteAsForeigner(nic);
        });
    }

    /// <summary>
    /// Gives a virtual network other address ranges or peerings; null leaves them. Throws <see cref="KeyNotFoundException"/> if there is no
    /// such network and <see cref="ScenarioException"/> if a subnet would be outside.
    /// </summary>
    public void ChangeVnet(string vnetId, IReadOnlyList<string>? addressPrefixes = null, IReadOnlyList<ScenarioPeering>? peerings = null)
    {
        ArgumentNullException.ThrowIfNull(vnetId);
        Recorded(
            at => new JournalEvent(at, "vnet") { Target = vnetId, AddressPrefixes = addressPrefixes, Peerings = peerings },
            () => new Seeder(_world, _nics, _time).Change(_world.Vnets[ResourceId.KeyOf(vnetId)], addressPrefixes, peerings));
    }

    /// <summary>
    /// Resets the model of a Uniform scale set's VM to what its scale set says, as an upgrade or a re-image does. Throws
    /// <see cref="KeyNotFoundException"/> if there is no such VM, and <see cref="InvalidOperationException"/> if its subnet has no room for
    /// what the scale set says; then nothing is changed.
    /// </summary>
    public void ResetModel(string vmId)
    {
        ArgumentNullException.ThrowIfNull(vmId);
        Recorded(at => new JournalEvent(at, "model-reset") { Target = vmId }, () =>
        {
            if (_world.Vms[ResourceId.KeyOf(vmId)] is not { Instance: not null } vm)
                throw new KeyNotFoundException($"{vmId} is not a VM of a Uniform scale set.");
            try
            {
                _scaleSets.Reset(vm);
            }
            catch (ArmError e)
            {
                throw new InvalidOperationException($"The model of {vmId} can't be reset: {e.Message}", e);
            }
        });
    }

    /// <summary>Sets a VM's power state: running, stopped or deallocated. Throws <see cref="KeyNotFoundException"/> if there is no such VM.</summary>
    public void SetPowerState(string vmId, string powerState)
    {
        ArgumentNullException.ThrowIfNull(vmId);
        ArgumentException.ThrowIfNullOrEmpty(powerState);
        Recorded(
            at => new JournalEvent(at, "power") { Target = vmId, Value = powerState },
            () =>
            {
                _world.Vms[ResourceId.KeyOf(vmId)].PowerState = powerState;
            });
    }

    /// <summary>Deletes a VM and its NICs at once, as a scale-in does; false if there is no such VM.</summary>
    public bool RemoveVm(string vmId)
    {
        ArgumentNullException.ThrowIfNull(vmId);
        return Recorded(at => new JournalEvent(at, "remove-vm") { Target = vmId }, () =>
        {
            if (!_world.Vms.Remove(ResourceId.KeyOf(vmId), out var vm))
                return false;
            foreach (var nic in vm.Nics)
                _nics.Remove(_world.Nics[ResourceId.KeyOf(nic)]);
            vm.Instance?.DropLag();
            if (vm.Instance?.Running is { } running)
                _nics.End(running, "Canceled", null);
            return true;
        });
    }

    /// <summary>What the instance metadata service of a VM (its id or its name) answers, as UTF-8 JSON; null if there is no such VM or section.</summary>
    /// <param name="vm">Id or name.</param>
    /// <param name="section">network, compute, or null for both.</param>
    public byte[]? InstanceMetadata(string vm, string? section)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return Metadata(Route.Metadata, vm, asOf => Compute.InstanceMetadata.Of(_world, vm, section, asOf));
    }

    /// <summary>What the wireserver tells a VM (its id or its name) about its interfaces, as XML; null if there is no such VM.</summary>
    public byte[]? InterfaceInfo(string vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return Metadata(Route.Wireserver, vm, asOf => Compute.InterfaceInfo.Of(_world, vm, asOf));
    }

    /// <summary>Stops all timers: no operation ends after this.</summary>
    public void Dispose() => Locked(() =>
    {
        RecordState();
        _disposed = true;
        _operations.DisposeTimers();
        foreach (var vm in _world.Vms.Values)
            vm.Instance?.DropLag();
    });

    private double Now => (_time.GetUtcNow() - _started).TotalSeconds;

    private (Call Call, TimeSpan Wait) Open(SimRequest request)
    {
        var call = _dispatcher.Open(request, Now, _faults);
        var delay = call.Fault(FaultKind.Delay)?.DelaySeconds ?? 0;
        return (call, _latency.OfRequest() + TimeSpan.FromSeconds(delay));
    }

    private SimResponse? Serve(Call call)
    {
        var before = EtagOf(call);
        var (response, code) = _dispatcher.Serve(call, Now);
        _log.Add(call.Route, new JournalEntry(
            0, _time.GetUtcNow(), call.Method, call.Request.PathAndQuery, response?.Status ?? 0, code,
            call.Fired.Count == 0 ? null : string.Join(",", call.Fired), before, EtagOf(call)));
        return response;
    }

    private string? EtagOf(Call call) => call.Route.Template switch
    {
        Route.Nic or Route.ScaleSetVmNic => _world.Nics.GetValueOrDefault(call.Route.Id!.Key)?.Etag,
        Route.ScaleSetVm => _world.Vms.GetValueOrDefault(call.Route.Id!.Key)?.Instance?.Etag,
        _ => null,
    };

    private void Locked(Action work) => Locked(() =>
    {
        if (!_disposed)
            work();
        return true;
    });

    // Those who wait for addresses are woken outside the lock, on this thread: their code may call back.
    private T Locked<T>(Func<T> work)
    {
        // Within an event: the outermost call wakes them.
        if (_gate.IsHeldByCurrentThread)
            return work();
        TaskCompletionSource? woken;
        T result;
        lock (_gate)
        {
            result = work();
            woken = _book.TakeWaiters();
        }

        woken?.TrySetResult();
        return result;
    }
}
