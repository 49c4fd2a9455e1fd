using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>
/// The desk between the pools' workers and the one loop that reads and writes a virtual network's object: reads are shared,
/// requests are gathered into rounds. Only <see cref="Controller"/> takes from it.
/// </summary>
internal sealed class Ledger(string name)
{
    private readonly Lock gate = new();
    private List<TaskCompletionSource<BudgetView>> readers = [];
    private List<Pending> requests = [];
    private NetworkObservation? observation;
    private long rangesVersion;
    private string toldTo = string.Empty;
    private IReadOnlyDictionary<string, FairShareOf>? shares;
    private Dictionary<string, int> grantedSince = new(StringComparer.Ordinal);
    private readonly SortedSet<string> subnets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A request that waits for its round.</summary>
    internal sealed record Pending(BudgetRequest Request, long Epoch, TaskCompletionSource<BudgetOutcome> Answer);

    /// <summary>Name of the object.</summary>
    public string Name => name;

    /// <summary>The object as last read or written by the loop; null when it must be read. The loop's own.</summary>
    public VirtualNetwork? Object { get; set; }

    /// <summary>See <see cref="BudgetView.Epoch"/>. The loop's own.</summary>
    public long Epoch { get; set; }

    /// <summary>uid of the object whose count has been checked against the pools. The loop's own.</summary>
    public string CountedUid { get; set; } = string.Empty;

    /// <summary>When the last round was written. The loop's own.</summary>
    public long? WrittenAt { get; set; }

    public NetworkObservation? Observation
    {
        get { lock (gate) return observation; }
    }

    public Task<BudgetView> Read()
    {
        var reader = new TaskCompletionSource<BudgetView>();
        lock (gate)
            readers.Add(reader);
        return reader.Task;
    }

    public Task<BudgetOutcome> Submit(BudgetRequest request, long epoch)
    {
        var answer = new TaskCompletionSource<BudgetOutcome>();
        lock (gate)
            requests.Add(new Pending(request, epoch, answer));
        return answer.Task;
    }

    public bool HasRequests
    {
        get { lock (gate) return requests.Count != 0; }
    }

    public List<TaskCompletionSource<BudgetView>> TakeReaders()
    {
        lock (gate)
        {
            var taken = readers;
            readers = [];
            return taken;
        }
    }

    public List<Pending> TakeRequests()
    {
        lock (gate)
        {
            var taken = requests;
            requests = [];
            return taken;
        }
    }

    /// <summary>Which ranges <see cref="Observation"/> has: grows whenever they are others than before; 0 before the first look.</summary>
    public long RangesVersion
    {
        get { lock (gate) return rangesVersion; }
    }

    /// <summary>Notes what ARM showed. True when the ranges are others than before.</summary>
    public bool Observe(NetworkObservation seen)
    {
        lock (gate)
        {
            var changed = observation?.HasRangesOf(seen) != true;
            if (changed)
                rangesVersion++;
            observation = seen;
            toldTo = string.Empty;
            grantedSince = new Dictionary<string, int>(StringComparer.Ordinal);
            return changed;
        }
    }

    /// <summary>
    /// What ARM showed, as long as the object of that uid does not say it. Once told it stands as it is there: of two leaders at the same time
    /// each would put its own in the place of the other's, in turn.
    /// </summary>
    public NetworkObservation? Untold(string uid)
    {
        lock (gate)
            return toldTo == uid ? null : observation;
    }

    /// <summary>The object of that uid says it.</summary>
    public void Told(NetworkObservation? seen, string uid)
    {
        lock (gate)
        {
            if (ReferenceEquals(seen, observation))
                toldTo = uid;
        }
    }

    public IReadOnlyList<SubnetRoom> Rooms()
    {
        lock (gate)
            return observation?.Rooms(grantedSince) ?? [];
    }

    /// <summary>The shares of the pools that can't have what they want; null before they were computed.</summary>
    public IReadOnlyDictionary<string, FairShareOf>? Shares
    {
        get { lock (gate) return shares; }
        set { lock (gate) shares = value; }
    }

    /// <summary>Notes that nodes use this subnet. True when that is new.</summary>
    public bool Use(string subnetId)
    {
        lock (gate)
            return subnets.Add(subnetId);
    }

    public IReadOnlyList<string> Subnets
    {
        get { lock (gate) return [.. subnets]; }
    }

    public void Granted(string subnet, int addresses)
    {
        lock (gate)
            grantedSince[subnet] = grantedSince.GetValueOrDefault(subnet) + addresses;
    }
}
