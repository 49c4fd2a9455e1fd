using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>What ADD and STATUS need to know of the pool.</summary>
internal interface IPoolView
{
    /// <summary>How long an ADD waits.</summary>
    TimeSpan AddTimeout { get; }

    /// <summary>MTU for pods in bytes, or 0 for the NIC's.</summary>
    int Mtu { get; }

    /// <summary>The most addresses that this node may have.</summary>
    int MaxAddresses { get; }

    /// <summary>The subnet of an address; null when the pool does not tell it.</summary>
    PodSubnet? SubnetOf(IpAddress address);

    /// <summary>For people: the pool's state and the next step.</summary>
    string Explanation { get; }

    /// <summary>Why ADD can't be served on this boot yet; null once it could.</summary>
    string? NotServing { get; }
}
