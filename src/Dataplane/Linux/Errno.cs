using System.Runtime.InteropServices;

namespace Vnetcni.Dataplane.Linux;

/// <summary>errno values that we act upon or are likely to show (asm-generic/errno-base.h, asm-generic/errno.h).</summary>
internal static class Errno
{
    public const int Perm = 1;
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int NoDeviceOrAddress = 6;
    public const int BadDescriptor = 9;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int Access = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int NoDevice = 19;
    public const int Invalid = 22;
    public const int TooManyFiles = 24;
    public const int ReadOnlyFileSystem = 30;
    public const int Range = 34;
    public const int NameTooLong = 36;
    public const int BadMessage = 74;
    public const int MessageSize = 90;
    public const int ProtocolNotSupported = 93;
    public const int NotSupported = 95;
    public const int AddressNotAvailable = 99;
    public const int NetworkDown = 100;
    public const int NetworkUnreachable = 101;
    public const int NoBuffers = 105;
    public const int NotConnected = 107;
    public const int TimedOut = 110;

    /// <summary>Such as <c>EEXIST (File exists)</c>.</summary>
    public static string Describe(int errno) => $"{Name(errno)} ({Marshal.GetPInvokeErrorMessage(errno)})";

    private static string Name(int errno) => errno switch
    {
        Perm => "EPERM",
        NoEntry => "ENOENT",
        NoProcess => "ESRCH",
        Interrupted => "EINTR",
        NoDeviceOrAddress => "ENXIO",
        BadDescriptor => "EBADF",
        Again => "EAGAIN",
        NoMemory => "ENOMEM",
        Access => "EACCES",
        Busy => "EBUSY",
        Exists => "EEXIST",
        NoDevice => "ENODEV",
        Invalid => "EINVAL",
        TooManyFiles => "EMFILE",
        ReadOnlyFileSystem => "EROFS",
        Range => "ERANGE",
        NameTooLong => "ENAMETOOLONG",
        BadMessage => "EBADMSG",
        MessageSize => "EMSGSIZE",
        ProtocolNotSupported => "EPROTONOSUPPORT",
        NotSupported => "EOPNOTSUPP",
        AddressNotAvailable => "EADDRNOTAVAIL",
        NetworkDown => "ENETDOWN",
        NetworkUnreachable => "ENETUNREACH",
        NoBuffers => "ENOBUFS",
        NotConnected => "ENOTCONN",
        TimedOut => "ETIMEDOUT",
        _ => $"errno {errno}",
    };
}
