namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>Something happened that must not. The numbers are those of docs/architecture.md.</summary>
internal sealed class InvariantException(int number, string what) : Exception(Begin(number) + what)
{
    /// <summary>How the message of a broken invariant begins.</summary>
    public static string Begin(int number) => $"invariant {number} broken: ";
}
