namespace Vnetcni.NodeAgent.Pool;

/// <summary>Where the node's addresses come from, and who is told how they are used.</summary>
internal interface IPoolSource
{
    /// <summary>
    /// Until cancelled: hands every version of the pool to <see cref="NodePool.PublishAsync"/>, and what
    /// <see cref="NodePool.Plan"/> says to whoever owns the pool.
    /// </summary>
    Task RunAsync(NodePool pool, CancellationToken cancellationToken);
}
