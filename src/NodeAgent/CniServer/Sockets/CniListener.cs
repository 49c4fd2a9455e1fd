using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Unix;
using static Vnetcni.AgentProtocol.Unix.LibcConstants;

namespace Vnetcni.NodeAgent.CniServer.Sockets;

/// <summary>The listening socket: mode 0600 in a folder of mode 0700, put in place by a rename over a stale one.</summary>
internal sealed unsafe class CniListener : IDisposable
{
    // The kernel cuts it to net.core.somaxconn.
    private const int Backlog = 4096;
    private const uint FolderMode = 0x1C0; // 0700

    private readonly SafeFileHandle _socket;
    private readonly string _path;
    private readonly FileIdentity? _identity;

    private CniListener(SafeFileHandle socket, string path)
    {
        _socket = socket;
        _path = path;
        _identity = FileIdentity.Of(path);
    }

    public int Descriptor => (int)_socket.DangerousGetHandle();

    /// <summary>Binds and listens.</summary>
    /// <param name="paths">Where.</param>
    /// <param name="nodeLock">
    /// Descriptor of the node's lock file; null where the caller vouches for being alone. Locking it again is harmless when
    /// it is this process that holds it.
    /// </param>
    /// <exception cref="IOException">Another agent holds the lock, or a call failed.</exception>
    public static CniListener Open(AgentPaths paths, SafeFileHandle? nodeLock)
    {
        if (nodeLock is not null && Libc.Lock((int)nodeLock.DangerousGetHandle(), LockExclusive | LockNonBlocking) != 0)
            throw new IOException($"another agent serves on this node: its lock beside {paths.Socket} is held; stop it first");
        PrivateFolder.Make(paths.Folder);
        if (Libc.ChangeMode(paths.Folder, FolderMode) != 0)
            throw SystemCall.Failed($"chmod {paths.Folder}");
        var fd = Libc.Socket(AddressFamilyUnix, SocketStream | CloseOnExec | SocketNonBlocking, 0);
        if (fd < 0)
            throw SystemCall.Failed("socket");
        var socket = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            // Listening before the rename: whoever finds the name finds a server behind it.
            var temporary = paths.Socket + ".new";
            File.Delete(temporary);
            Bind(fd, temporary);
            if (Libc.ChangeMode(temporary, PrivateFile.OwnerOnly) != 0)
                throw SystemCall.Failed($"chmod {temporary}");
            if (Libc.Listen(fd, Backlog) != 0)
                throw SystemCall.Failed("listen");
            File.Move(temporary, paths.Socket, overwrite: true);
            return new CniListener(socket, paths.Socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next waiting connection; null when there is none (errno 0) or accept failed.</summary>
    public SafeFileHandle? Accept(out int errno)
    {
        var fd = Libc.Accept(Descriptor, null, null, CloseOnExec | SocketNonBlocking);
        errno = fd >= 0 ? 0 : Marshal.GetLastPInvokeError();
        if (errno is TryAgain or Interrupted)
            errno = 0;
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : null;
    }

    /// <summary>Who is at the other end; null when the kernel does not say.</summary>
    public static uint? UserOf(SafeFileHandle connection)
    {
        Libc.Credentials credentials;
        var length = sizeof(Libc.Credentials);
        var fd = (int)connection.DangerousGetHandle();
        return Libc.GetOption(fd, LevelSocket, OptionPeerCredentials, &credentials, &length) == 0 ? credentials.User : null;
    }

    /// <summary>Closes; removes the name where it is still ours, and not a successor's.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        if (_identity is { } mine && FileIdentity.Of(_path) == mine)
            File.Delete(_path);
    }

    private static void Bind(int fd, string path)
    {
        Span<byte> address = stackalloc byte[UnixAddress.Size];
        var length = UnixAddress.Write(path, address);
        fixed (byte* data = address)
        {
            if (Libc.Bind(fd, data, length) != 0)
                throw SystemCall.Failed($"bind {path}");
        }
    }
}
