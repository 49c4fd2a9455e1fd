namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>One ipConfiguration of an interface.</summary>
public readonly record struct NicIpConfiguration
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>privateIPAddress</c>; null until ARM has assigned one.</summary>
    public string? Address { get; init; }

    /// <summary><c>provisioningState</c>, such as Succeeded or Updating; empty without one.</summary>
    public string State { get; init; }

    /// <summary>Id of its subnet, or null.</summary>
    public string? SubnetId { get; init; }

    /// <summary>Whether it is the interface's primary one.</summary>
    public bool IsPrimary { get; init; }

    /// <summary>Whether this cluster owns it, by its name.</summary>
    public bool IsOurs { get; init; }

    /// <summary>Whether only the interface still has it: nobody wants it any more (uniform scale sets).</summary>
    public bool IsLeaving => !IsInBody && States.Deleting.Equals(State, StringComparison.Ordinal);

    /// <summary>Where it lies in the raw body; empty when only the interface still has it (uniform scale sets).</summary>
    internal Range Bytes { get; init; }

    internal bool IsInBody => Bytes.End.Value > 0;
}
