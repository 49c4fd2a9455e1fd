namespace Vnetcni.Ipam.VNetBudget;

/// <summary>Which limit bounds a pool.</summary>
public enum BoundKind
{
    /// <summary>None: the pool gets what it wants.</summary>
    None,

    /// <summary>The pod addresses of the node.</summary>
    NodeLimit,

    /// <summary>The ipConfigurations of the interface, other people's included.</summary>
    NicRoom,

    /// <summary>The addresses of the subnet.</summary>
    SubnetFree,

    /// <summary>The pod addresses of the virtual network.</summary>
    VNetBudget,

    /// <summary>The reservations that the virtual network's object can hold at a time; passes by itself.</summary>
    Reservations,
}

/// <summary>A limit with its numbers.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Limit">What it is.</param>
/// <param name="Used">What is taken of it.</param>
public readonly record struct Bound(BoundKind Kind, int Limit, int Used)
{
    /// <summary>No limit binds.</summary>
    public static Bound None => default;

    /// <summary>Whether a limit binds.</summary>
    public bool Binds => Kind != BoundKind.None;
}
