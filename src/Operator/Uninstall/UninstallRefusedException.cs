namespace Vnetcni.Operator.Uninstall;

/// <summary>The uninstall would take something from somebody, or cannot go on; the message says what to do next.</summary>
internal sealed class UninstallRefusedException(string message) : Exception(message);
