using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol.Unix;

namespace Vnetcni.NodeAgent.Hosting;

/// <summary>One agent per node: an flock that the kernel gives back when the process ends, however it ends.</summary>
internal static class NodeLock
{
    /// <summary>Takes the lock as soon as nobody has it.</summary>
    public static async Task<SafeFileHandle> TakeAsync(string folder, TimeProvider time, Action<string> tell, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return Take(folder);
            }
            catch (IOException e)
            {
                if (tries % 15 == 0)
                    tell(e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    /// <summary>Takes the lock. Throws <see cref="IOException"/> when another process has it.</summary>
    public static SafeFileHandle Take(string folder)
    {
        PrivateFolder.Make(folder);
        var path = Path.Combine(folder, "lock");
        var fd = Libc.Open(path, LibcConstants.WriteOnly | LibcConstants.Create | LibcConstants.CloseOnExec, PrivateFile.OwnerOnly);
        if (fd < 0)
            throw SystemCall.Failed($"open {path}");
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        if (Libc.Lock(fd, LibcConstants.LockExclusive | LibcConstants.LockNonBlocking) == 0)
            return handle;
        handle.Dispose();
        throw new IOException($"another agent runs on this node: it holds {path} (fuser {path} names it); stop it first");
    }
}
