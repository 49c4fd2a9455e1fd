using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Throttling;

/// <summary>The kind of a request as ARM counts it. A poll is a read.</summary>
internal enum RequestKind
{
    Read,
    Write,
    Delete,
}

/// <summary>
/// ARM's token buckets per subscription and principal, the subscription-wide ones above them, and Microsoft.Network's
/// five-minute windows, and Microsoft.Compute's buckets for updates of VMs. A request that one layer refuses takes nothing from the others.
/// https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
/// </summary>
internal sealed class Throttle(ThrottleSettings settings)
{
    private const int MostPrincipals = 1_000;

    private readonly Dictionary<(string Subscription, string Principal, RequestKind Kind), TokenBucket> _buckets = [];
    private readonly Dictionary<(string Subscription, bool Write), WindowCounter> _windows = [];
    private readonly Dictionary<string, TokenBucket> _vms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WindowCounter> _vmUpdates = new(StringComparer.Ordinal);

    /// <summary>Takes one request's quota or throws the 429.</summary>
    public void Admit(string subscription, string principal, RequestKind kind, bool network, double now)
    {
        var own = Bucket(subscription, principal, kind);
        var global = Bucket(subscription, "", kind);
        if (settings.Enabled)
        {
            foreach (var bucket in (ReadOnlySpan<TokenBucket>)[own, global])
            {
                if (!bucket.Has(now))
                    throw ArmErrors.Throttled(Word(kind), subscription, principal, bucket.RetryAfter());
            }
        }

        if (network)
        {
            var window = Window(subscription, kind != RequestKind.Read);
            if (!window.Has(now) && settings.Enabled)
            {
                throw ArmErrors.ProviderThrottled(
                    window.Limit, settings.NetworkWindowSeconds, kind == RequestKind.Read ? "GET" : "PUT and DELETE", window.RetryAfter(now));
            }

            window.Take();
        }

        if (!settings.Enabled)
            return;
        own.Take();
        global.Take();
    }

    /// <summary>Takes one update of a VM, or throws the 429.</summary>
    public void AdmitVmUpdate(string subscription, string vm, double now)
    {
        if (!settings.Enabled)
            return;
        if (!_vms.TryGetValue(vm, out var own))
            _vms.Add(vm, own = new TokenBucket(settings.VmUpdateBucket, settings.VmUpdateRefill));
        if (!_vmUpdates.TryGetValue(subscription, out var all))
            _vmUpdates.Add(subscription, all = new WindowCounter(settings.VmUpdatesPerMinute, 60));
        if (!own.Has(now))
            throw ArmErrors.VmThrottled("virtual machine", (int)settings.VmUpdateBucket, own.RetryAfter());
        if (!all.Has(now))
            throw ArmErrors.VmThrottled("subscription", all.Limit, all.RetryAfter(now));
        own.Take();
        all.Take();
    }

    /// <summary>Header and value that tell what is left of the principal's bucket.</summary>
    public KeyValuePair<string, string> RemainingHeader(string subscription, string principal, RequestKind kind, double now) =>
        new($"x-ms-ratelimit-remaining-subscription-{Word(kind)}s",
            Bucket(subscription, principal, kind).Remaining(now).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static string Word(RequestKind kind) => kind switch
    {
        RequestKind.Read => "read",
        RequestKind.Write => "write",
        _ => "delete",
    };

    private TokenBucket Bucket(string subscription, string principal, RequestKind kind)
    {
        // Past that many, principals share one bucket: names come from outside.
        if (_buckets.Count > MostPrincipals && !_buckets.ContainsKey((subscription, principal, kind)))
            principal = principal.Length == 0 ? "" : "others";
        if (_buckets.TryGetValue((subscription, principal, kind), out var bucket))
            return bucket;
        var (size, refill) = kind switch
        {
            RequestKind.Read => (settings.ReadBucket, settings.ReadRefill),
            RequestKind.Write => (settings.WriteBucket, settings.WriteRefill),
            _ => (settings.DeleteBucket, settings.DeleteRefill),
        };
        var factor = principal.Length == 0 ? settings.GlobalFactor : 1;
        return _buckets[(subscription, principal, kind)] = new TokenBucket(size * factor, refill * factor);
    }

    private WindowCounter Window(string subscription, bool write)
    {
        if (_windows.TryGetValue((subscription, write), out var window))
            return window;
        var limit = write ? settings.NetworkWritesPerWindow : settings.NetworkReadsPerWindow;
        return _windows[(subscription, write)] = new WindowCounter(limit, settings.NetworkWindowSeconds);
    }
}
