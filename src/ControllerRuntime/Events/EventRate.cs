namespace Vnetcni.ControllerRuntime.Events;

/// <summary>A token bucket for each object. Not for concurrent use.</summary>
internal sealed class EventRate(EventRecorderOptions options, TimeProvider time)
{
    private readonly RecentMap<(string, Api.ObjectKey, string), (double Tokens, long At)> buckets = new(options.MaxRemembered);

    /// <summary>Whether one more write about the object is allowed; takes a token if so.</summary>
    public bool Take(EventKey key)
    {
        var now = time.GetTimestamp();
        var tokens = (double)options.BurstPerObject;
        if (buckets.TryGet(key.Subject, out var bucket))
            tokens = Math.Min(tokens, bucket.Tokens + (time.GetElapsedTime(bucket.At, now) / options.RefillPerObject));
        var allowed = tokens >= 1;
        buckets.Set(key.Subject, (allowed ? tokens - 1 : tokens, now));
        return allowed;
    }
}
