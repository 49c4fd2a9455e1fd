using Vnetcni.Dataplane.Snat;

namespace Vnetcni.Dataplane;

/// <summary>
/// Keeps the rules for what leaves the node from its pods: source address translation, and what is closed to pods. The
/// Linux implementation has an nftables table of its own; the simulation has one in memory.
/// </summary>
public interface IPodEgress
{
    /// <summary>
    /// Makes the node's rules those of <paramref name="rules"/> by one transaction: a packet meets the old rules or the new
    /// ones, never a part. Rules of others are not touched. Throws <see cref="DataplaneException"/>; then the old rules stand.
    /// </summary>
    Task ApplyAsync(EgressRules rules, CancellationToken cancellationToken);

    /// <summary>
    /// What of the rules applied last is missing or changed, one sentence each; empty when all is well. To mend it, apply the
    /// rules again.
    /// </summary>
    Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// From now on calls <paramref name="changed"/>, on any thread, whenever somebody may have changed our rules; changes of
    /// our own count too. It must return soon and throw nothing. There is one listener; the last one stays.
    /// </summary>
    void Listen(Action changed);
}
