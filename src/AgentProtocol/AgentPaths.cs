using System.Text;

namespace Vnetcni.AgentProtocol;

/// <summary>Where the binary and the agent meet: a socket, and beside it the DEL spool and the alive file.</summary>
public sealed record AgentPaths
{
    /// <summary>The socket where nothing else is said.</summary>
    public const string DefaultSocket = "/run/vnetcni/agent.sock";

    /// <summary>Overrides the socket's path; meant for tests and for trying things out.</summary>
    public const string SocketVariable = "VNETCNI_SOCKET";

    // sizeof(sun_path) - 1: https://man7.org/linux/man-pages/man7/unix.7.html
    private const int LongestSocket = 107;

    /// <summary>Paths around a socket.</summary>
    /// <param name="socket">Absolute, at most 107 bytes.</param>
    /// <exception cref="CniException">InvalidConfig: the path can't be a socket's.</exception>
    public AgentPaths(string socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var bytes = Encoding.UTF8.GetByteCount(socket);
        if (!socket.StartsWith('/') || socket.EndsWith('/') || bytes > LongestSocket || socket.Contains('\0'))
        {
            throw new CniException(
                CniErrorCode.InvalidConfig,
                "the agent's socket path is not usable",
                $"\"{Shorten(socket)}\" has {bytes} bytes; it has to be absolute and at most {LongestSocket} bytes: set `socket` in the network configuration or {SocketVariable}");
        }

        Socket = socket;
        Folder = Path.GetDirectoryName(socket)!;
    }

    /// <summary>The agent's unix socket.</summary>
    public string Socket { get; }

    /// <summary>The folder of all of them, on tmpfs.</summary>
    public string Folder { get; }

    /// <summary>Folder of the DELs recorded while the agent was away.</summary>
    public string Spool => Path.Combine(Folder, "spool");

    /// <summary>Touched by the agent while it serves; holds the boot id.</summary>
    public string Alive => Path.Combine(Folder, "alive");

    /// <summary>
    /// Precedence: <see cref="SocketVariable"/>, then the configuration's <c>socket</c>, then
    /// <see cref="DefaultSocket"/>. Empty counts as unset.
    /// </summary>
    /// <exception cref="CniException">InvalidConfig: the path can't be a socket's.</exception>
    public static AgentPaths Resolve(string? variable, string? configured)
    {
        if (!string.IsNullOrEmpty(variable))
            return new AgentPaths(variable);
        return new AgentPaths(string.IsNullOrEmpty(configured) ? DefaultSocket : configured);
    }

    private static string Shorten(string text) => text.Length <= 128 ? text : text[..128] + "...";
}
