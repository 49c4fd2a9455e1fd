using Spectre.Console;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e;

/// <summary><c>lab e2e</c>: plays the scenario on a real cluster, and tidies up. eng/e2e.sh gives it namespaces of its own.</summary>
internal static class E2eCommand
{
    /// <summary>0 only when every step passed.</summary>
    public static async Task<int> RunAsync(E2eOptions options, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = options.Plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = options.Plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (options.Plain)
            console.Profile.Width = 220;
        var report = new DemoReport(console);
        await using var lab = new E2eLab(options);
        try
        {
            await new E2eScenario(lab, report).PlayAsync(cancellationToken);
        }
        catch (DemoFailedException)
        {
            await PrintClusterAsync(console, lab, cancellationToken);
        }

        report.Print();
        console.WriteLine(report.Passed ? "PASS" : "FAIL");
        if (options.Keep && lab.Cluster is not null)
        {
            console.WriteLine("Everything stays up until Ctrl-C. In another terminal:\n  eng/e2e/kubectl.sh get nip\n  eng/e2e/kubectl.sh get pods -A -o wide");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                console.WriteLine("tidying up");
            }
        }

        return report.Passed ? 0 : 1;
    }

    private static async Task PrintClusterAsync(IAnsiConsole console, E2eLab lab, CancellationToken cancellationToken)
    {
        if (lab.Cluster is null)
            return;
        foreach (var words in new[]
        {
            "get nodes", "get pods -A -o wide --field-selector metadata.namespace!=default", "get nodeippools,virtualnetworks", "get events -A --sort-by=.lastTimestamp --field-selector type!=Normal",
            $"-n {Release.Namespace} logs -l app.kubernetes.io/component=operator --tail=8", $"-n {Release.Namespace} logs -l app.kubernetes.io/component=agent -c agent --tail=8",
        })
        {
            console.WriteLine($"$ kubectl {words}");
            var result = await Shell.TryRunAsync("kubectl", ["--kubeconfig", lab.Cluster.KubeConfig, .. words.Split(' ')], cancellationToken);
            foreach (var line in (result.Output + result.Error).TrimEnd().Split('\n').TakeLast(30))
                console.WriteLine(line.Length > 400 ? line[..400] : line);
        }
    }
}
