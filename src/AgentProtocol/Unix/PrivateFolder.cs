using System.Runtime.InteropServices;

namespace Vnetcni.AgentProtocol.Unix;

/// <summary>Folders of mode 0700 from the first instant.</summary>
internal static class PrivateFolder
{
    private const uint OwnerOnly = 0x1C0; // 0700
    private const int Exists = 17;

    /// <summary>Makes the folder and those above it; one that exists is left as it is.</summary>
    /// <exception cref="IOException">With errno in words.</exception>
    public static void Make(string path)
    {
        if (Directory.Exists(path))
            return;
        if (Path.GetDirectoryName(path) is { Length: > 1 } parent)
            Make(parent);
        if (Libc.MakeFolder(path, OwnerOnly) != 0 && Marshal.GetLastPInvokeError() != Exists)
            throw SystemCall.Failed($"mkdir {path}");
    }
}
