namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>A loop that a <see cref="ControllerManager"/> runs while this process leads.</summary>
public interface IController
{
    /// <summary>Name for logs and metrics; from a small fixed set.</summary>
    string Name { get; }

    /// <summary>Works until cancelled. Returns only when nothing is under way any more.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
