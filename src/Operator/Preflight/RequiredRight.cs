namespace Vnetcni.Operator.Preflight;

/// <summary>On what a right has to be given.</summary>
internal enum RightPlace
{
    /// <summary>The resource group of the VMs and their interfaces.</summary>
    Nodes,

    /// <summary>The virtual network.</summary>
    Network,

    /// <summary>What an interface names beside its subnet: a write of the interface is checked against all of it.</summary>
    Linked,
}

/// <summary>One action of Azure's that the operator needs.</summary>
/// <param name="Action">As in a role definition.</param>
/// <param name="Place">On what.</param>
/// <param name="Why">What fails without it, for people.</param>
internal sealed record RequiredRight(string Action, RightPlace Place, string Why)
{
    /// <summary>Needed for Uniform scale sets only.</summary>
    public bool UniformOnly { get; init; }

    /// <summary>For <see cref="RightPlace.Linked"/>: the type of resource that it is checked on.</summary>
    public string? LinkedType { get; init; }

    /// <summary>Whether the operator works without it; its absence is told and is no failure.</summary>
    public bool Optional { get; init; }
}
