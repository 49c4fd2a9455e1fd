using System.Globalization;

namespace Vnetcni.Lab.Soak.Truth;

/// <summary>
/// Who holds which address, as the callers of ADD and DEL saw it: address → sandbox from the moment an ADD's result is in hand
/// until its DEL is about to be sent. Times are since the start of the soak. May be used from any thread.
/// </summary>
internal sealed class TruthMap
{
    private const int HistoryPerAddress = 12;

    // That a DEL's process has ended may be noticed this much late on a busy machine.
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AddressTruth> _addresses = new(StringComparer.Ordinal);
    private TimeSpan _rest;
    private TimeSpan _restFrom = TimeSpan.MaxValue;

    /// <summary>Addresses that sandboxes hold.</summary>
    public int Live
    {
        get
        {
            lock (_gate)
                return _addresses.Values.Count(truth => truth.Holder is not null);
        }
    }

    /// <summary>ADDs that gave out an address whose DEL fell under <see cref="Require"/>.</summary>
    public int Reuses { get; private set; }

    /// <summary>The shortest time seen between the call of such a DEL and the result of the next ADD; null before the first.</summary>
    public TimeSpan? ShortestRest { get; private set; }

    /// <summary>From now on no address is to be given out within <paramref name="rest"/> of its DEL.</summary>
    /// <param name="rest">The time promised.</param>
    /// <param name="from">DELs called from then on count.</param>
    public void Require(TimeSpan rest, TimeSpan from)
    {
        lock (_gate)
            (_rest, _restFrom) = (rest, from);
    }

    /// <summary>An ADD's result is in hand. Null, or what it breaks.</summary>
    /// <param name="at">When.</param>
    /// <param name="address">The address.</param>
    /// <param name="node">The machine.</param>
    /// <param name="holder">The sandbox.</param>
    public SoakViolation? Added(TimeSpan at, string address, string node, string holder)
    {
        lock (_gate)
        {
            var truth = Of(address);
            truth.Tell(at, $"ADD of {holder} on {node} got it");
            if (truth.Holder is { } other)
            {
                return new SoakViolation(
                    "no address is held by two sandboxes",
                    $"{address} was given to {holder} on {node} while {other} on {truth.Node} holds it\n{truth}");
            }

            (truth.Holder, truth.Node) = (holder, node);
            return truth.DeleteCalled >= _restFrom ? CheckRest(truth, at, address, holder) : null;
        }
    }

    /// <summary>The holder's DEL is about to be called: from here on the address may go to others.</summary>
    public void Deleting(TimeSpan at, string address, string holder)
    {
        lock (_gate)
        {
            var truth = Of(address);
            truth.Tell(at, $"DEL of {holder} is called");
            if (truth.Holder != holder)
                return;
            (truth.Holder, truth.Left, truth.DeleteCalled, truth.DeleteReturned) = (null, holder, at, null);
        }
    }

    /// <summary>The DEL has returned, at a time that may lie back.</summary>
    public void Deleted(TimeSpan at, string address, string holder)
    {
        lock (_gate)
        {
            var truth = Of(address);
            truth.Tell(at, $"DEL of {holder} returned");
            if (truth.Left == holder)
                truth.DeleteReturned ??= at;
        }
    }

    /// <summary>What is known of an address, one line each.</summary>
    public string HistoryOf(string address)
    {
        lock (_gate)
            return Of(address).ToString();
    }

    /// <summary>Addresses held, with their sandboxes.</summary>
    public IReadOnlyList<(string Address, string Holder)> Held()
    {
        lock (_gate)
            return [.. _addresses.Where(pair => pair.Value.Holder is not null).Select(pair => (pair.Key, pair.Value.Holder!)).OrderBy(pair => pair.Key, StringComparer.Ordinal)];
    }

    // Strictly from the call, for nothing that delays the caller can make that look shorter than it was; from the return with some
    // patience, so that a slow DEL hides nothing.
    private SoakViolation? CheckRest(AddressTruth truth, TimeSpan at, string address, string holder)
    {
        var sinceCall = at - truth.DeleteCalled!.Value;
        var sinceReturn = at - (truth.DeleteReturned ?? at);
        Reuses++;
        if (ShortestRest is null || sinceCall < ShortestRest)
            ShortestRest = sinceCall;
        if (sinceCall >= _rest && sinceReturn >= _rest - Notice)
            return null;
        return new SoakViolation(
            $"no address is given out within {_rest.TotalSeconds:0} s of its DEL",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{address} was given to {holder} {sinceCall.TotalSeconds:0.000} s after its last DEL was called, {sinceReturn.TotalSeconds:0.000} s after that returned\n{truth}"));
    }

    private AddressTruth Of(string address)
    {
        if (!_addresses.TryGetValue(address, out var truth))
            _addresses[address] = truth = new AddressTruth();
        return truth;
    }

    private sealed class AddressTruth
    {
        private readonly Queue<string> _history = new();

        public string? Holder { get; set; }

        public string? Node { get; set; }

        public string? Left { get; set; }

        public TimeSpan? DeleteCalled { get; set; }

        public TimeSpan? DeleteReturned { get; set; }

        public void Tell(TimeSpan at, string what)
        {
            _history.Enqueue(string.Create(CultureInfo.InvariantCulture, $"  {at.TotalSeconds,9:0.000} s  {what}"));
            if (_history.Count > HistoryPerAddress)
                _history.Dequeue();
        }

        public override string ToString() => string.Join('\n', _history);
    }
}
