using Spectre.Console;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Demo;

/// <summary><c>lab demo</c>: sweeps, plays the scenario, shows what kubectl shows, and tidies up.</summary>
internal static class DemoCommand
{
    /// <summary>0 only when every step passed; 1 when one failed; 2 when the machine can't run it, or runs another lab.</summary>
    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = options.Plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = options.Plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (options.Plain)
            console.Profile.Width = 200;
        if (Environment.UserName != "root")
        {
            console.WriteLine("The demo makes network namespaces: run it as root (sudo make demo).");
            return 2;
        }

        using var alone = LabLock.TryTake(LabLock.Path, out var refusal);
        if (alone is null)
        {
            console.WriteLine(refusal);
            return 2;
        }

        var report = new DemoReport(console);
        await DemoLab.SweepAsync(options, cancellationToken);
        await using var lab = new DemoLab(options);
        try
        {
            await new DemoScenario(lab, options, report, () => PrintObjectsAsync(console, lab, cancellationToken)).PlayAsync(cancellationToken);
        }
        catch (DemoFailedException e)
        {
            console.WriteLine(e.Message);
            PrintLogs(console, options);
        }

        // After a demo that passed and does not stay there is nothing left to show.
        if (lab.Cluster is not null && (options.Keep || !report.Passed))
            await PrintObjectsAsync(console, lab, cancellationToken);
        report.Print();
        console.WriteLine(report.Passed ? "PASS" : "FAIL");
        if (options.Keep && lab.Cluster is not null)
        {
            console.WriteLine(KeepText(lab.Cluster.KubeConfig));
            await WaitAsync(cancellationToken);
        }

        return report.Passed ? 0 : 1;
    }

    private static string KeepText(string kubeConfig) => $"""
        Everything stays up until Ctrl-C. In another terminal:
          export KUBECONFIG={kubeConfig}
          kubectl get nodeippools -o wide              # the pools; "nip" for short, "vnetcni" for all kinds
          kubectl describe nodeippool node1            # conditions, addresses, events
          kubectl explain nodeippool.spec.pool
          kubectl edit nodeippoolclass demo            # for example minFree: the pools follow
          kubectl get nodeippools -w
          kubectl events -A
        """;

    private static async Task PrintObjectsAsync(IAnsiConsole console, DemoLab lab, CancellationToken cancellationToken)
    {
        foreach (var words in new[] { "get nodeippools,virtualnetworks", "get nodeippoolclasses" })
        {
            console.WriteLine($"$ kubectl {words}");
            try
            {
                console.WriteLine((await lab.Cluster.KubectlAsync(words.Split(' '), cancellationToken)).TrimEnd());
            }
            catch (ShellException e)
            {
                console.WriteLine(e.Message);
            }

            console.WriteLine();
        }
    }

    private static void PrintLogs(IAnsiConsole console, DemoOptions options)
    {
        foreach (var log in Directory.EnumerateFiles(options.Folder, "*.log").Order(StringComparer.Ordinal))
        {
            console.WriteLine($"--- {log}");
            foreach (var line in File.ReadLines(log).TakeLast(25))
                console.WriteLine(line.Length > 600 ? line[..600] : line);
        }
    }

    private static async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
            return;
        }
    }
}
