using System.Net.Sockets;
using DotNet.Testcontainers.Builders;
using Testcontainers.K3s;

namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>
/// The places where an API server can come from, in this order: KUBECONFIG, KUBEBUILDER_ASSETS, Docker (K3s), the Debian
/// build. The first that is there is taken, and must work then.
/// </summary>
internal static class ClusterSources
{
    private const string K3sImage = "rancher/k3s:v1.34.1-k3s1";

    /// <summary>A running cluster, or why there is none.</summary>
    public static async Task<(ICluster? Cluster, string WhyNot)> StartAsync()
    {
        var given = Environment.GetEnvironmentVariable("KUBECONFIG");
        if (!string.IsNullOrEmpty(given))
            return (new GivenCluster(given.Split(Path.PathSeparator)[0], $"KUBECONFIG={given}"), "");
        var assets = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS");
        if (!string.IsNullOrEmpty(assets))
            return (await BuiltAsync(assets), "");
        if (await DockerAnswersAsync())
            return (await K3sAsync(), "");
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/apt-get"))
            return (null, "no KUBECONFIG, no KUBEBUILDER_ASSETS, no Docker daemon, and not a Debian or Ubuntu to build on");
        return (await BuiltAsync(null), "");
    }

    private static async Task<ICluster> BuiltAsync(string? binaries)
    {
        var cluster = new BuiltCluster(Path.Combine(Directory.CreateTempSubdirectory("vnetcni-cluster-").FullName, "kube"), binaries);
        await cluster.StartServerAsync();
        return cluster;
    }

    private static async Task<ICluster> K3sAsync()
    {
        var container = new K3sBuilder(K3sImage).WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Node controller sync successful")).Build();
        await container.StartAsync();
        var folder = Directory.CreateTempSubdirectory("vnetcni-cluster-").FullName;
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, await container.GetKubeconfigAsync());
        return new GivenCluster(kubeconfig, $"Docker: {K3sImage}", async () =>
        {
            await container.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        });
    }

    // A client without a daemon is no Docker.
    private static async Task<bool> DockerAnswersAsync()
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST");
        if (!string.IsNullOrEmpty(host) && !host.StartsWith("unix://", StringComparison.Ordinal))
            return true;
        var path = string.IsNullOrEmpty(host) ? "/var/run/docker.sock" : host["unix://".Length..];
        if (!File.Exists(path))
            return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
