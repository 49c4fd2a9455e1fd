namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>Names and numbers of bridge mode.</summary>
internal static class BridgeMode
{
    /// <summary>The bridge that takes over the NIC's address.</summary>
    public const string Name = "azure0";

    /// <summary>The bridge's alias is this and the NIC's name. It must not begin as a pod link's alias does.</summary>
    public const string AliasPrefix = "vnetcni-bridge:";

    /// <summary>
    /// Link group of pods' ports (<c>ip link show group 7630177</c>): by it the rules tell a pod's frame from the NIC's. Fixed, so
    /// that rules outlive the agent; nothing is deleted by it.
    /// </summary>
    public const uint PortGroup = 7_630_177;
}
