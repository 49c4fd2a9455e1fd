using System.Net;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Cluster;

/// <summary>The API server of the lab, whichever it is, as seen from the machine and from the nodes.</summary>
internal abstract class ControlPlane(string kubeConfig, string nodeKubeConfig) : IAsyncDisposable
{
    /// <summary>kubeconfig for people and for the operator, on the machine itself.</summary>
    public string KubeConfig { get; } = kubeConfig;

    /// <summary>kubeconfig for the agents: the API server at <see cref="VNetFabric.HostAddress"/>.</summary>
    public string NodeKubeConfig { get; } = nodeKubeConfig;

    /// <summary>Where the cluster came from, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Starts or finds the cluster.</summary>
    /// <param name="kind"><c>embedded</c>, <c>debian</c>, <c>docker</c>, or <c>kubeconfig</c> (KUBECONFIG names it).</param>
    /// <param name="root">Root of the checkout, where eng/ lies.</param>
    /// <param name="folder">State folder of the lab.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ControlPlane> StartAsync(string kind, string root, string folder, CancellationToken cancellationToken) => kind switch
    {
        "embedded" => await EmbeddedControlPlane.StartAsync(folder, cancellationToken),
        "debian" => await DebianControlPlane.StartAsync(root, folder, cancellationToken),
        "docker" => await K3sControlPlane.StartAsync(folder, cancellationToken),
        "kubeconfig" => await ForwardedControlPlane.ReachAsync(
            Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } file
                ? file
                : throw new ShellException("CLUSTER=kubeconfig needs KUBECONFIG to name a file"),
            folder, "the cluster of KUBECONFIG", cancellationToken),
        _ => throw new ShellException($"no cluster '{kind}'; there are: embedded debian docker kubeconfig"),
    };

    /// <summary>Runs the machine's kubectl against this cluster.</summary>
    public Task<string> KubectlAsync(IEnumerable<string> arguments, CancellationToken cancellationToken, string? input = null) =>
        Shell.RunAsync("kubectl", ["--kubeconfig", KubeConfig, .. arguments], cancellationToken, input);

    /// <summary>
    /// Waits until the API server serves our resources. kubectl 1.20 fails at once, rather than wait, on a CRD that has no conditions
    /// yet: so it is asked again. Throws <see cref="ShellException"/> after a minute.
    /// </summary>
    public Task EstablishedAsync(CancellationToken cancellationToken) => Wait.ForAsync(
        "CRDs",
        TimeSpan.FromMinutes(1),
        async () =>
        {
            await KubectlAsync(
                ["wait", "--for=condition=Established", "--timeout=30s", "crd/nodeippools.vnetcni.dev", "crd/nodeippoolclasses.vnetcni.dev", "crd/virtualnetworks.vnetcni.dev"],
                cancellationToken);
            return null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Writes a copy of a kubeconfig that leads through another address but checks the same certificate.</summary>
    protected static string WriteForNodes(string kubeConfig, string folder, int port)
    {
        var text = File.ReadAllText(kubeConfig);
        var server = new Uri(text.Split('\n').Select(l => l.Trim(' ', '-', '{', ','))
            .First(l => l.Contains("server:", StringComparison.Ordinal)).Split("server:")[1].Split(',')[0].Trim(' ', '"', '}'));
        var through = $"https://{VNetFabric.HostAddress}:{port}";
        var changed = text.Replace(server.OriginalString, through, StringComparison.Ordinal);
        var file = Path.Combine(folder, "node.kubeconfig");
        using (new FileStream(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            // Made first with its mode, then filled: the client's key is inside.
        }

        File.WriteAllText(file, changed);
        return file;
    }

    /// <summary>The host and port that a kubeconfig names.</summary>
    protected static DnsEndPoint ServerOf(string kubeConfig)
    {
        var line = File.ReadLines(kubeConfig).First(l => l.Contains("server:", StringComparison.Ordinal));
        var uri = new Uri(line.Split("server:")[1].Split(',')[0].Trim(' ', '"', '}'));
        return new DnsEndPoint(uri.Host, uri.Port);
    }
}
