namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>Thrown by a reconciler when trying again cannot help before the object changes.</summary>
/// <param name="message">Cause and next step.</param>
/// <param name="inner">The cause, or null.</param>
public sealed class TerminalException(string message, Exception? inner = null) : Exception(message, inner);
