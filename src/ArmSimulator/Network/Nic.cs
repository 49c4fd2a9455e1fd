using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Operations;

namespace Vnetcni.ArmSimulator.Network;

/// <summary>One ipConfiguration as committed.</summary>
/// <param name="Name">Name as written.</param>
/// <param name="Address">Its private address.</param>
/// <param name="Primary">Whether it is the NIC's primary.</param>
internal sealed record IpConfiguration(string Name, uint Address, bool Primary);

/// <summary>A network interface. <see cref="Body"/> is what a GET answers; the rest is the part of it that the rules need.</summary>
internal sealed class Nic(ResourceId id, string location)
{
    public ResourceId Id { get; } = id;

    public string Key { get; } = id.Key;

    public string Location { get; } = location;

    public required string ResourceGuid { get; init; }

    public required string Mac { get; init; }

    public string Etag { get; set; } = "";

    /// <summary>Updating, Succeeded, Failed or Deleting.</summary>
    public string State { get; set; } = "Succeeded";

    public byte[] Body { get; set; } = [];

    /// <summary>The body before the last PUT, for reads that lag; null before the first PUT.</summary>
    public byte[]? PreviousBody { get; set; }

    public string PreviousEtag { get; set; } = "";

    /// <summary>Key of the VM it is attached to, or null.</summary>
    public string? Vm { get; set; }

    public bool PrimaryOfVm { get; set; }

    /// <summary>The subnet of all its configurations.</summary>
    public required Subnet Subnet { get; set; }

    private const int MostRemembered = 64;
    private readonly Queue<(DateTimeOffset At, IReadOnlyList<IpConfiguration> Configurations)> _past = new();

    public IReadOnlyList<IpConfiguration> Configurations { get; set; } = [];

    public Operation? Running { get; set; }

    /// <summary>Keeps the configurations of before and now for those who see Azure late.</summary>
    public void Remember(DateTimeOffset at, IReadOnlyList<IpConfiguration> before)
    {
        if (_past.Count == 0)
            _past.Enqueue((DateTimeOffset.MinValue, before));
        _past.Enqueue((at, Configurations));
        if (_past.Count > MostRemembered)
            _past.Dequeue();
    }

    /// <summary>The configurations as they stood at a time: of the oldest remembered, where that is later.</summary>
    public IReadOnlyList<IpConfiguration> ConfigurationsAt(DateTimeOffset at)
    {
        if (at == DateTimeOffset.MaxValue || _past.Count == 0)
            return Configurations;
        var found = _past.Peek().Configurations;
        foreach (var (since, configurations) in _past)
        {
            if (since <= at)
                found = configurations;
        }

        return found;
    }

    public string ConfigurationId(string name) => $"{Id}/ipConfigurations/{name}";
}
