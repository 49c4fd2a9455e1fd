namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>Who goes first when calls have to wait for quota: the smaller.</summary>
public enum ArmPriority
{
    /// <summary>Pods wait for what it brings.</summary>
    Starved,

    /// <summary>A look at an operation: cheap, and others wait for its end.</summary>
    Poll,

    /// <summary>Everything without a word about it.</summary>
    Normal,

    /// <summary>Addresses are given back: nobody waits.</summary>
    Release,
}
