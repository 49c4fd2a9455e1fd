using System.Diagnostics;
using Vnetcni.ApiServer.Tests.Kubectl;
using Vnetcni.Lab.ApiServer.Http;

[assembly: AssemblyFixture(typeof(KubectlFixture))]

namespace Vnetcni.ApiServer.Tests.Kubectl;

/// <summary>A server in this process with our CRDs, and the machine's kubectl. Tests share it and use names of their own.</summary>
public sealed class KubectlFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("vnetcni-kubectl-");
    private string? _kubectl;
    private int _namespaces;

    /// <summary>The server.</summary>
    internal KubeApiServer Server { get; private set; } = null!;

    /// <summary>A folder that goes with the fixture.</summary>
    public string Home => _home.FullName;

    /// <summary>The root of the checkout.</summary>
    public static string Root { get; } = FindRoot();

    public async ValueTask InitializeAsync()
    {
        Server = await KubeApiServer.StartAsync(new ApiServerOptions { Log = Console.Error.WriteLine }, CancellationToken.None);
        await Server.WriteKubeConfigAsync(Path.Combine(Home, "kubeconfig"), "127.0.0.1", CancellationToken.None);
        _kubectl = await FindAsync();
        if (_kubectl is null)
            return;
        await RunAsync("apply", "-f", Path.Combine(Root, "crds"));
        await RunAsync("wait", "--for=condition=Established", "--timeout=10s", "crd", "--all");
        // kubectl keeps what it knew of the server before the CRDs; explain does not look again.
        await RunAsync("api-resources", "--output=name");
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _home.Delete(recursive: true);
    }

    /// <summary>A new namespace.</summary>
    public async Task<string> NamespaceAsync()
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await RunAsync("create", "namespace", name);
        return name;
    }

    /// <summary>Runs kubectl, which must succeed; its standard output.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var result = await TryAsync(null, arguments);
        Assert.True(result.Code == 0, $"kubectl {string.Join(' ', arguments)}: exit code {result.Code}\n{result.Output}{result.Error}");
        return result.Output;
    }

    /// <summary>kubectl apply of a manifest, with further arguments.</summary>
    public async Task<string> ApplyAsync(string manifest, params string[] arguments)
    {
        var result = await TryAsync(manifest, ["apply", "-f", "-", .. arguments]);
        Assert.True(result.Code == 0, $"kubectl apply: exit code {result.Code}\n{result.Output}{result.Error}");
        return result.Output;
    }

    /// <summary>Runs kubectl; skips the test where there is none.</summary>
    public async Task<KubectlResult> TryAsync(string? input, params string[] arguments)
    {
        using var process = Start(input, arguments);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(50));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new KubectlResult(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Starts kubectl and leaves it running.</summary>
    public Process Start(string? input, params string[] arguments)
    {
        Assert.SkipWhen(_kubectl is null, "there is no kubectl on PATH");
        var start = new ProcessStartInfo(_kubectl, ["--kubeconfig", Path.Combine(Home, "kubeconfig"), "--cache-dir", Path.Combine(Home, "cache"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Home,
        };
        start.Environment["HOME"] = Home;
        start.Environment["KUBE_EDITOR"] = "sed -i s/minFree:.*/minFree:\\ 5/";
        _ = input;
        return Process.Start(start)!;
    }

    private static Task<string?> FindAsync()
    {
        var found = Environment.GetEnvironmentVariable("VNETCNI_TEST_KUBECTL") is { Length: > 0 } named
            ? named
            : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);
        return Task.FromResult(found);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Operator.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("Operator.sln was not found above the tests");
    }
}

/// <summary>What kubectl left.</summary>
public sealed record KubectlResult(int Code, string Output, string Error);
