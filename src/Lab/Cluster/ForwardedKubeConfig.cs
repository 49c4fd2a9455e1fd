using System.Globalization;
using System.Net;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Cluster;

/// <summary>A copy of somebody's kubeconfig that leads through the lab's forwarder but checks the same certificate.</summary>
internal sealed record ForwardedKubeConfig(string File, DnsEndPoint Server)
{
    /// <summary>Writes the current context of <paramref name="kubeConfig"/>, alone and with its files inlined.</summary>
    /// <param name="kubeConfig">A kubeconfig file.</param>
    /// <param name="folder">Where the copy goes; it gets mode 0600, for it holds credentials.</param>
    /// <param name="port">The forwarder's port on <see cref="VNetFabric.HostAddress"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ShellException">kubectl can't read it, or its current context names no https server.</exception>
    public static async Task<ForwardedKubeConfig> WriteAsync(string kubeConfig, string folder, int port, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, "node.kubeconfig");
        var text = await KubectlAsync(kubeConfig, ["view", "--raw", "--minify", "--flatten"], cancellationToken);
        await using (var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        await using (var writer = new StreamWriter(stream))
            await writer.WriteAsync(text.AsMemory(), cancellationToken);

        var cluster = await ReadAsync(file, "{.clusters[0].name}", cancellationToken);
        var server = await ReadAsync(file, "{.clusters[0].cluster.server}", cancellationToken);
        if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps)
            throw new ShellException($"the current context of {kubeConfig} names the server '{server}': the lab needs https://HOST:PORT");
        var name = await ReadAsync(file, "{.clusters[0].cluster.tls-server-name}", cancellationToken);
        var through = new UriBuilder(uri) { Host = VNetFabric.HostAddress.ToString(), Port = port }.Uri;
        await KubectlAsync(
            file,
            [
                "set-cluster", cluster, string.Create(CultureInfo.InvariantCulture, $"--server={through}"),
                $"--tls-server-name={(name.Length > 0 ? name : uri.Host.Trim('[', ']'))}",
            ],
            cancellationToken);
        return new ForwardedKubeConfig(file, new DnsEndPoint(uri.Host.Trim('[', ']'), uri.Port));
    }

    private static async Task<string> ReadAsync(string file, string path, CancellationToken cancellationToken) =>
        (await KubectlAsync(file, ["view", "-o", $"jsonpath={path}"], cancellationToken)).Trim();

    private static Task<string> KubectlAsync(string file, string[] arguments, CancellationToken cancellationToken) =>
        Shell.RunAsync("kubectl", ["config", "--kubeconfig", file, .. arguments], cancellationToken);
}
