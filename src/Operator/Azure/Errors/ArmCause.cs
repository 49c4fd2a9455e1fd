namespace Vnetcni.Operator.Azure.Errors;

/// <summary>What an error of ARM means for the product, whatever its status.</summary>
public enum ArmCause
{
    /// <summary>A code that the table does not know.</summary>
    Unknown,

    /// <summary>The subnet has not enough addresses left.</summary>
    SubnetFull,

    /// <summary>A static address belongs to another configuration.</summary>
    AddressTaken,

    /// <summary>A static address is outside the subnet, or Azure keeps it.</summary>
    AddressNotUsable,

    /// <summary>The configurations of one interface name two subnets.</summary>
    SubnetsDiffer,

    /// <summary>The interface cannot carry more configurations.</summary>
    NicFull,

    /// <summary>The interface moved since it was read.</summary>
    EtagStale,

    /// <summary>A resource that this one refers to is being changed.</summary>
    DependencyBusy,

    /// <summary>Another operation holds the resource.</summary>
    Busy,

    /// <summary>A rate limit.</summary>
    Throttled,

    /// <summary>The operation was replaced by a later one.</summary>
    Superseded,

    /// <summary>The interface belongs to a VM (a delete is refused).</summary>
    NicInUse,

    /// <summary>The interface is kept for another VM for 180 s.</summary>
    NicReserved,

    /// <summary>The resource or its group does not exist.</summary>
    NotFound,

    /// <summary>The identity lacks a right; see <see cref="ArmError.MissingAction"/>.</summary>
    Forbidden,

    /// <summary>A lock, policy or deny assignment refuses; a role does not help.</summary>
    Denied,

    /// <summary>ARM does not take the token.</summary>
    TokenRefused,

    /// <summary>The request is wrong; the same request fails again.</summary>
    BadRequest,

    /// <summary>A fault of ARM; the write may have happened.</summary>
    ServerFault,
}

/// <summary>What to do about an error.</summary>
public enum ArmAction
{
    /// <summary>Try again with growing delays.</summary>
    Retry,

    /// <summary>Try again after the time that ARM names, or a short one; nothing is wrong.</summary>
    Wait,

    /// <summary>Read the resource again and decide anew.</summary>
    ReRead,

    /// <summary>Stop, tell it in a condition, look again now and then or when the spec changes.</summary>
    GiveUp,

    /// <summary>Stop and name the missing right; do not hammer.</summary>
    Forbidden,
}
