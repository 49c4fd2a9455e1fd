using System.Runtime.InteropServices;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>Changes the effective user of the calling thread alone, which has to end afterwards.</summary>
public static partial class OtherUser
{
    private const int Nobody = 65534;

    // setresuid: the raw call, because libc's own changes every thread of the process.
    public static bool Become() =>
        SystemCall(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147, -1, Nobody, -1) == 0;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
