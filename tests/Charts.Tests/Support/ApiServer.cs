namespace Vnetcni.Charts.Tests.Support;

/// <summary>A kube-apiserver of eng/kube on loopback, when it has been built before: building it takes longer than these tests may.</summary>
public sealed class ApiServer : IDisposable
{
    private readonly string _state = Path.Combine(Path.GetTempPath(), "vnetcni-charts-" + Guid.NewGuid().ToString("N")[..8]);
    private readonly Lazy<string?> _kubeconfig;

    public ApiServer() => _kubeconfig = new(Start);

    /// <summary>Its kubeconfig. Skips the test where no kube-apiserver is in the cache.</summary>
    public string Kubeconfig
    {
        get
        {
            if (_kubeconfig.Value is null)
                Assert.Skip("no kube-apiserver is built here: eng/kube/build.sh makes it, in about six minutes");
            return _kubeconfig.Value;
        }
    }

    public void Dispose()
    {
        if (_kubeconfig is { IsValueCreated: true, Value: not null })
            Repository.Run(Repository.PathOf("eng/kube/down.sh"), _state);
    }

    /// <summary>Whether a program of eng/kube is in the cache.</summary>
    internal static bool IsBuilt(string program)
    {
        var cache = Environment.GetEnvironmentVariable("VNETCNI_CACHE") ?? Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "vnetcni");
        var built = Path.Combine(cache, "kube");
        return Directory.Exists(built) && Directory.EnumerateFiles(built, program, SearchOption.AllDirectories).Any();
    }

    private string? Start()
    {
        if (!IsBuilt("kube-apiserver"))
            return null;
        var (code, output, error) = Repository.Run(Repository.PathOf("eng/kube/up.sh"), _state);
        Assert.True(code == 0, error);
        return output.Trim();
    }
}
