namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>
/// A network interface as ARM answered it: the few fields that the product uses, and the raw UTF-8, from which
/// <see cref="NicSplice"/> makes the next body. Dispose it when the body is no longer needed; the fields stay readable.
/// </summary>
public sealed class NicView : IDisposable
{
    private readonly NicIpConfiguration[] _configurations;
    private readonly int _primary;

    internal NicView(NicIpConfiguration[] configurations, int primary)
    {
        _configurations = configurations;
        _primary = primary;
    }

    /// <summary>ARM id, as ARM writes it.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the resource.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// For the PUT of <see cref="NetworkInterfaceClient"/>: moves with every accepted write, and never comes back. The ETag header, quotes
    /// included, or the body's when there was no header; of a uniform scale set that of the model, and which machine it is of.
    /// </summary>
    public required string ETag { get; init; }

    /// <summary>ETag of the interface itself where <see cref="ETag"/> is its model's, else the same: it tells how new the addresses are.</summary>
    public string ObservedETag { get => field.Length == 0 ? ETag : field; init; } = string.Empty;

    /// <summary><c>provisioningState</c>; anything but Succeeded means that addresses must not be published from this.</summary>
    public string ProvisioningState { get; init; } = string.Empty;

    /// <summary>Lower case with colons; empty while the interface is on no running VM.</summary>
    public string MacAddress { get; init; } = string.Empty;

    /// <summary>Another guid is another interface, whatever its name.</summary>
    public string ResourceGuid { get; init; } = string.Empty;

    /// <summary>Id of the VM that it is attached to, or null.</summary>
    public string? VirtualMachineId { get; init; }

    /// <summary>All configurations in ARM's order (not that of a request: match by name).</summary>
    public IReadOnlyList<NicIpConfiguration> IpConfigurations => _configurations;

    /// <summary>The primary one: the node's own address.</summary>
    public NicIpConfiguration Primary => _configurations[_primary];

    /// <summary>Whether nothing runs on the interface or any of its configurations.</summary>
    public bool IsSettled
    {
        get
        {
            if (!Is(ProvisioningState))
                return false;
            foreach (var configuration in _configurations)
            {
                if (!Is(configuration.State))
                    return false;
            }

            return true;

            static bool Is(string state) => state.Equals("Succeeded", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The body, byte for byte.</summary>
    internal ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>What is between the brackets of <c>ipConfigurations</c>.</summary>
    internal Range Array { get; init; }

    /// <summary>The primary's <c>applicationSecurityGroups</c>, brackets included; empty when it has none.</summary>
    internal Range SecurityGroups { get; init; }

    /// <summary>A part of the body that a PUT leaves out, its comma included; empty mostly.</summary>
    internal Range Omitted { get; init; }

    /// <summary>Whether the body is the model of a uniform scale set's VM, in which the interface's configurations lie.</summary>
    internal bool IsOfScaleSet { get; init; }

    internal IDisposable? Lease { get; init; }

    /// <summary>The configuration of a name (without case), or null.</summary>
    public NicIpConfiguration? Find(string name)
    {
        foreach (var configuration in _configurations)
        {
            if (configuration.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return configuration;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Lease?.Dispose();
}
