using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Azure.Inventory;

/// <summary>
/// What a LIST showed of the resources of one type, kept for a while. A group is listed only when so many of it are asked for in a short
/// time that the pages cost less than a GET for each. What is kept here is never written from: it says where something is, and
/// whether it is as it was.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="list">Lists the group of a resource.</param>
internal sealed class GroupInventory<T>(TimeProvider time, Func<ResourceId, CancellationToken, Task<ArmResult<GroupListing<T>>>> list)
    where T : class
{
    /// <summary>Asked for so often within <see cref="Window"/>, a group is listed; a group of more than a few pages twice as often as it has pages.</summary>
    public const int FewestAsks = 8;

    /// <summary>How long asks are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // A LIST that is refused or fails is left alone for so long; GETs go on.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(5);
    private const int MostGroups = 1_000;
    private readonly Dictionary<(string Subscription, string Group), Group> _groups = [];
    private readonly Lock _gate = new();

    /// <summary>
    /// What a LIST that began after <paramref name="after"/> (a timestamp) and at most <paramref name="age"/> ago showed of a resource;
    /// null when there is none, or it did not show it: then a GET tells.
    /// </summary>
    public async Task<T?> FindAsync(ResourceId id, TimeSpan age, long after, CancellationToken cancellationToken)
    {
        Task<Kept?> running;
        Group group;
        lock (_gate)
        {
            group = Of(id);
            if (group.Kept is { } kept && Fits(kept))
                return kept.Listing.Items.GetValueOrDefault(id.ToString());
            if (!group.Ask(time))
                return null;
            // The first that asks lists for all.
            running = group.Running ??= ListAsync(group, id, cancellationToken);
        }

        var listed = await running;
        return listed is not null && Fits(listed) ? listed.Listing.Items.GetValueOrDefault(id.ToString()) : null;

        bool Fits(Kept kept) => kept.BeganAt > after && time.GetElapsedTime(kept.BeganAt) <= age;
    }

    private async Task<Kept?> ListAsync(Group group, ResourceId id, CancellationToken cancellationToken)
    {
        // The lock is given back before anything is sent.
        await Task.Yield();
        var began = time.GetTimestamp();
        Kept? kept = null;
        try
        {
            var result = await list(id, cancellationToken);
            if (result.IsSuccess)
                kept = new Kept(result.Value, began);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException or ArmAnswerException)
        {
            // Whoever asked reads what it needs alone, and tells what comes of that.
            kept = null;
        }
        finally
        {
            lock (_gate)
            {
                group.Running = null;
                group.FailedAt = kept is null ? began : null;
                group.Kept = kept ?? group.Kept;
            }
        }

        return kept;
    }

    private Group Of(ResourceId id)
    {
        var key = (id.SubscriptionId.ToLowerInvariant(), id.ResourceGroup.ToLowerInvariant());
        if (_groups.TryGetValue(key, out var group))
            return group;
        // Names come from outside.
        if (_groups.Count == MostGroups)
            _groups.Clear();
        return _groups[key] = new Group();
    }

    private sealed record Kept(GroupListing<T> Listing, long BeganAt);

    private sealed class Group
    {
        private int asks;
        private long since;

        public Kept? Kept { get; set; }

        public long? FailedAt { get; set; }

        public Task<Kept?>? Running { get; set; }

        /// <summary>Counts an ask. True when the group is to be listed, or is just being.</summary>
        public bool Ask(TimeProvider time)
        {
            if (Running is not null)
                return true;
            if (FailedAt is { } failed && time.GetElapsedTime(failed) < AfterFailure)
                return false;
            if (asks == 0 || time.GetElapsedTime(since) > Window)
                (asks, since) = (0, time.GetTimestamp());
            if (++asks < Math.Max(FewestAsks, 2 * (Kept?.Listing.Pages ?? 0)))
                return false;
            asks = 0;
            return true;
        }
    }
}
