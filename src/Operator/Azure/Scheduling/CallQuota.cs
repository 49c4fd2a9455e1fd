namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>
/// Decides whether a call may go now: ARM's token buckets, Microsoft.Network's windows, Microsoft.Compute's, the pauses that ARM asked
/// for, and the breakers. It knows no clock: each question brings the time.
/// </summary>
/// <param name="settings">The limits.</param>
internal sealed class CallQuota(QuotaSettings settings)
{
    private const int MostSubscriptions = 1_000;
    private static readonly TimeSpan UnnamedPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private readonly Dictionary<(string Subscription, bool IsWrite), Lane> _lanes = [];

    /// <summary>How long this call waits for quota, behind so many others; zero when it may go.</summary>
    public TimeSpan WaitFor(ArmCall call, TimeSpan now, int ahead = 0)
    {
        var lane = Of(call);
        var wait = Max(lane.Bucket.WaitFor(now, ahead), lane.PausedUntil - now);
        return lane.Windows.TryGetValue(call.Provider, out var window) ? Max(wait, window.WaitFor(now, ahead)) : Max(wait, TimeSpan.Zero);
    }

    /// <summary>Whether most of the tokens for such calls are gone.</summary>
    public bool IsLow(ArmCall call, TimeSpan now) => Of(call).Bucket.IsLow(now);

    /// <summary>How long the circuit of this call stays open; zero when it is closed or this call is the one that tries.</summary>
    public TimeSpan OpenFor(ArmCall call, TimeSpan now) => Of(call).Breaker.WaitFor(now);

    /// <summary>The call goes.</summary>
    public void Take(ArmCall call, TimeSpan now)
    {
        var lane = Of(call);
        lane.Bucket.Take(now);
        lane.Breaker.Begin();
        if (lane.Windows.TryGetValue(call.Provider, out var window))
            window.Take(now);
    }

    /// <summary>An answer has come.</summary>
    /// <param name="call">The call.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="remaining">What ARM says is left for such calls, or null.</param>
    /// <param name="throttled">The pause that the answer asks for when it throttles; a lock is none. Null otherwise.</param>
    /// <param name="now">The time.</param>
    public void Answered(ArmCall call, int status, int? remaining, TimeSpan? throttled, TimeSpan now)
    {
        var lane = Of(call);
        lane.Bucket.Return(remaining, now);
        lane.Breaker.End(status >= 500, now);
        if (throttled is not { } pause)
            return;
        pause = pause <= TimeSpan.Zero ? UnnamedPause : pause < LongestPause ? pause : LongestPause;
        lane.PausedUntil = Max(lane.PausedUntil, now + pause);
    }

    /// <summary>No answer has come; with <paramref name="cancelled"/> because nobody waits for it.</summary>
    public void Silent(ArmCall call, bool cancelled, TimeSpan now)
    {
        var lane = Of(call);
        lane.Bucket.Return(null, now);
        if (cancelled)
            lane.Breaker.Forget();
        else
            lane.Breaker.End(failed: true, now);
    }

    /// <summary>Tokens left and whether the breaker is open, for each kind of call over all subscriptions: the worst counts.</summary>
    public (double Usable, bool Open) Worst(bool writes, TimeSpan now)
    {
        var lanes = _lanes.Where(l => l.Key.IsWrite == writes).Select(static l => l.Value).ToArray();
        return lanes.Length == 0
            ? (Math.Floor((writes ? settings.WriteBucket : settings.ReadBucket) * (1 - settings.LeftForOthers)), false)
            : (lanes.Min(l => l.Bucket.Usable(now)), lanes.Any(static l => l.Breaker.IsOpen));
    }

    private Lane Of(ArmCall call)
    {
        // Ids come from outside: past that many subscriptions share one.
        var key = (_lanes.Count >= MostSubscriptions && !_lanes.ContainsKey((call.Subscription, call.IsWrite)) ? string.Empty : call.Subscription, call.IsWrite);
        if (!_lanes.TryGetValue(key, out var lane))
            _lanes[key] = lane = Make(call.IsWrite);
        return lane;
    }

    private Lane Make(bool isWrite)
    {
        int Ours(int limit) => Math.Max(1, (int)(limit * (1 - settings.LeftForOthers)));
        var lane = new Lane(isWrite
            ? new TokenBucket(settings.WriteBucket, settings.WriteRefill, settings.LeftForOthers)
            : new TokenBucket(settings.ReadBucket, settings.ReadRefill, settings.LeftForOthers));
        lane.Windows[ArmProvider.Network] = new SlidingWindow(Ours(isWrite ? settings.NetworkWrites : settings.NetworkReads), settings.NetworkWindow);
        if (isWrite)
            lane.Windows[ArmProvider.Compute] = new SlidingWindow(Ours(settings.ComputeWrites), TimeSpan.FromMinutes(1));
        return lane;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private sealed class Lane(TokenBucket bucket)
    {
        public TokenBucket Bucket => bucket;

        public CircuitBreaker Breaker { get; } = new();

        public Dictionary<ArmProvider, SlidingWindow> Windows { get; } = [];

        public TimeSpan PausedUntil { get; set; }
    }
}
