namespace Vnetcni.AgentProtocol.Unix;

/// <summary>Numbers of the kernel's headers that are the same on x86-64 and arm64 (include/uapi/asm-generic).</summary>
internal static class LibcConstants
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Truncate = 0x200;
    public const int CloseOnExec = 0x80000;

    public const int AddressFamilyUnix = 1;
    public const int AddressFamilyNetlink = 16;
    public const int SocketStream = 1;
    public const int SocketRaw = 3;
    public const int SocketNonBlocking = 0x800;
    public const int NetlinkRoute = 0;

    public const int LevelSocket = 1;
    public const int OptionPeerCredentials = 17;
    public const int OptionReceiveTimeout = 20;
    public const int OptionSendTimeout = 21;
    public const int OptionProtocol = 38;
    public const int OptionDomain = 39;
    public const int ControlRights = 1;

    public const int MessageDontWait = 0x40;
    public const int MessageNoSignal = 0x4000;
    public const int MessageControlTruncated = 0x8;
    public const int MessageCloseOnExec = 0x40000000;

    public const short PollIn = 0x1;
    public const short PollOut = 0x4;
    public const short PollError = 0x8;
    public const short PollHangUp = 0x10;
    public const short PollPeerClosed = 0x2000;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    public const int NewNetworkNamespace = 0x40000000;
    public const nuint NamespaceType = 0xb703;
    public const nuint SocketNamespace = 0x894C;
    public const long NamespaceFileSystem = 0x6e736673;

    public const int AtEmptyPath = 0x1000;
    public const int AtCurrentFolder = -100;
    public const uint StatxInode = 0x100;

    public const int Interrupted = 4;
    public const int TryAgain = 11;
}
