namespace Vnetcni.AgentProtocol;

/// <summary>Error codes of the CNI specification, and our own from 100 on.</summary>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#error</remarks>
public static class CniErrorCode
{
    /// <summary>The cniVersion asked for is not supported.</summary>
    public const int IncompatibleVersion = 1;

    /// <summary>A field of the configuration is not supported.</summary>
    public const int UnsupportedField = 2;

    /// <summary>The container is unknown or does not exist.</summary>
    public const int UnknownContainer = 3;

    /// <summary>A CNI_* variable is missing or invalid.</summary>
    public const int InvalidEnvironment = 4;

    /// <summary>Reading or writing failed.</summary>
    public const int Io = 5;

    /// <summary>stdin is not what it should be.</summary>
    public const int Decode = 6;

    /// <summary>The network configuration is invalid.</summary>
    public const int InvalidConfig = 7;

    /// <summary>The network namespace is not usable (libcni's skel).</summary>
    public const int BadNamespace = 8;

    /// <summary>Try again later.</summary>
    public const int TryAgainLater = 11;

    /// <summary>STATUS: ADD can't be served.</summary>
    public const int NotAvailable = 50;

    /// <summary>STATUS: ADD can't be served and running pods have limited connectivity.</summary>
    public const int LimitedConnectivity = 51;

    /// <summary>The node has no free address and got none within addTimeout.</summary>
    public const int NoAddress = 100;

    /// <summary>The interface exists in the pod already.</summary>
    public const int InterfaceExists = 101;

    /// <summary>The kernel refused.</summary>
    public const int Dataplane = 102;

    /// <summary>CHECK found the attachment missing or wrong.</summary>
    public const int CheckFailed = 103;

    /// <summary>A fault of ours.</summary>
    public const int Internal = 999;
}

/// <summary>An error that becomes the CNI error JSON on stdout.</summary>
/// <param name="code">One of <see cref="CniErrorCode"/>.</param>
/// <param name="msg">Short: the cause.</param>
/// <param name="details">Numbers and the next step.</param>
public sealed class CniException(int code, string msg, string details = "") : Exception(msg)
{
    /// <summary>One of <see cref="CniErrorCode"/>.</summary>
    public int Code { get; } = code;

    /// <summary>Numbers and the next step; may be empty.</summary>
    public string Details { get; } = details;

    /// <summary>The agent could not read the request: it is of another release, and nothing is said about the call itself.</summary>
    public bool NotUnderstood { get; init; }
}
