namespace Vnetcni.ControllerRuntime.Queueing;

/// <summary>A key handed out by a queue; the receiver must call <see cref="WorkQueue{TKey}.Done"/>.</summary>
/// <param name="Key">The key.</param>
/// <param name="Priority">The highest priority with which it was added.</param>
public readonly record struct QueuedKey<TKey>(TKey Key, int Priority);
