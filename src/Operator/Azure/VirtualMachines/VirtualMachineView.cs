namespace Vnetcni.Operator.Azure.VirtualMachines;

/// <summary>A VM as far as its node's pool needs it.</summary>
public sealed record VirtualMachineView
{
    /// <summary>ARM id.</summary>
    public required string Id { get; init; }

    /// <summary>Another one is another machine, whatever its name.</summary>
    public required string VmId { get; init; }

    /// <summary>Region.</summary>
    public string? Location { get; init; }

    /// <summary>Availability zone, such as <c>1</c>; null without zones.</summary>
    public string? Zone { get; init; }

    /// <summary>Such as <c>running</c> or <c>deallocated</c>; null when ARM did not tell.</summary>
    public string? PowerState { get; init; }

    /// <summary>Its network interfaces.</summary>
    public required IReadOnlyList<VirtualMachineNic> NetworkInterfaces { get; init; }

    /// <summary>Whether its addresses are in nobody's use: deallocated. A stopped VM keeps its place and its addresses.</summary>
    public bool IsDeallocated => "deallocated".Equals(PowerState, StringComparison.OrdinalIgnoreCase);

    /// <summary>The primary interface: the flagged one, or the only one; null when that cannot be told.</summary>
    public VirtualMachineNic? PrimaryNetworkInterface =>
        NetworkInterfaces.FirstOrDefault(nic => nic.IsPrimary) ?? (NetworkInterfaces.Count == 1 ? NetworkInterfaces[0] : null);
}

/// <summary>A reference of a VM to a network interface.</summary>
/// <param name="Id">ARM id.</param>
/// <param name="IsPrimary">Whether it is flagged primary.</param>
public sealed record VirtualMachineNic(string Id, bool IsPrimary);
