using System.Net;

namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>Where a link stands between its birth and its end.</summary>
internal enum LinkGroup
{
    /// <summary>Being made; no alias yet.</summary>
    Birth,

    /// <summary>In service.</summary>
    Default,

    /// <summary>Cut off, deleted with the next sweep.</summary>
    Sweep,
}

/// <summary>A veth pair in the kernel.</summary>
internal sealed class SimLink(string name, SimPodNamespace pod, string interfaceName)
{
    public string Name { get; } = name;

    public SimPodNamespace Pod { get; } = pod;

    public string InterfaceName { get; } = interfaceName;

    public string Alias { get; set; } = string.Empty;

    public LinkGroup Group { get; set; }

    /// <summary>The address whose route leads to it.</summary>
    public IPAddress? Route { get; set; }

    /// <summary>Its ADD was through with it: packets may have gone.</summary>
    public bool WasWhole { get; set; }

    /// <summary>The address on the pod's side; stays until the link goes.</summary>
    public IPAddress? PodAddress { get; set; }

    /// <summary><see cref="PodAddress"/>, or what is routed, as text.</summary>
    public string Address => (PodAddress ?? Route)?.ToString() ?? string.Empty;

    /// <summary>Packets for <see cref="PodAddress"/> reach the pod.</summary>
    public bool IsLive => Group == LinkGroup.Default && Route is not null;

    public override string ToString() => $"{Name} {Group} {Alias} {Route}";
}
