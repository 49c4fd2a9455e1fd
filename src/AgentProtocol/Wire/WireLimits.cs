namespace Vnetcni.AgentProtocol.Wire;

/// <summary>Bounds of the protocol. Nothing longer is ever buffered.</summary>
public static class WireLimits
{
    /// <summary>Version written by this build. The agent also serves the one before it.</summary>
    public const int Version = 1;

    /// <summary>Oldest version served.</summary>
    public const int OldestVersion = Version > 1 ? Version - 1 : 1;

    /// <summary>Bytes of the length field: unsigned, little-endian, counting what follows it.</summary>
    public const int LengthBytes = 4;

    /// <summary>Longest network configuration, in bytes.</summary>
    public const int Config = 1024 * 1024;

    /// <summary>Longest request after its length field: the configuration and, escaped, the variables.</summary>
    public const int Request = Config + (512 * 1024);

    /// <summary>Longest reply after its length field: a result may carry a prevResult of <see cref="Config"/> bytes.</summary>
    public const int Reply = 2 * Config;

    /// <summary>Descriptors that go with ADD and CHECK: the network namespace, then an rtnetlink socket opened inside it.</summary>
    public const int Descriptors = 2;
}
