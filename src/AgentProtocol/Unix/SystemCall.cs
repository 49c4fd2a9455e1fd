using System.Runtime.InteropServices;

namespace Vnetcni.AgentProtocol.Unix;

/// <summary>Words for a failed system call.</summary>
internal static class SystemCall
{
    /// <summary>An exception for the errno of the call that just failed.</summary>
    public static IOException Failed(string call) => new($"{call}: {Describe(Marshal.GetLastPInvokeError())}");

    /// <summary>errno in words and as a number.</summary>
    public static string Describe(int errno) => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
