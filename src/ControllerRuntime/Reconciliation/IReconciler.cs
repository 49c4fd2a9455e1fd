using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>Brings the world closer to what one object asks for. It gets only a key: it reads the present state itself.</summary>
public interface IReconciler
{
    /// <summary>
    /// One step for one object, which may be gone. Never called twice at a time for one key. Any exception is retried
    /// with a growing delay, <see cref="TerminalException"/> is not.
    /// </summary>
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}
