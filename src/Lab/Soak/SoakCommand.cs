using System.Globalization;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Soak;

/// <summary><c>lab soak</c>: sweeps, plays, prints figures and the verdict, tidies up.</summary>
internal static class SoakCommand
{
    /// <summary>0 only when no promise was broken; 1 when one was; 2 when the machine can't run it, or runs another lab.</summary>
    public static async Task<int> RunAsync(SoakOptions options, CancellationToken cancellationToken)
    {
        if (Environment.UserName != "root")
        {
            Console.WriteLine("The soak makes network namespaces: run it as root (sudo make soak).");
            return 2;
        }

        using var alone = LabLock.TryTake(LabLock.Path, out var refusal);
        if (alone is null)
        {
            Console.WriteLine(refusal);
            return 2;
        }

        var start = TimeProvider.System.GetTimestamp();
        void Tell(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,7:0.0} s  {text}"));

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"SEED={options.Seed} MINUTES={options.Length.TotalMinutes:0.##}"));
        var demo = new DemoOptions("embedded", Keep: false, Plain: true, SoakOptions.Nodes, Pods: 0, options.Root, options.Folder, options.Binary)
        {
            Seed = options.Seed,
        };
        await DemoLab.SweepAsync(demo, cancellationToken);
        await using var lab = new DemoLab(demo);
        using var run = new SoakRun(options, lab, Tell);
        Exception? fault = null;
        try
        {
            await run.PlayAsync(cancellationToken);
        }
        catch (Exception e)
        {
            fault = e;
        }

        return Print(options, run, fault) ? 0 : 1;
    }

    private static bool Print(SoakOptions options, SoakRun run, Exception? fault)
    {
        if (run.Context is { } soak)
        {
            Console.WriteLine("\nCNI calls (each from the start of the binary to its end)");
            Console.Write(soak.Calls.Text(run.Active));
            if (soak.Truth.ShortestRest is { } rest)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {soak.Truth.Reuses,14}   addresses given out again under reuseCooldown 30s; the soonest {rest.TotalSeconds:0.00} s after its DEL was called"));
            Console.WriteLine("\nProcesses (first look → warm → last look)");
            Console.Write(soak.Growth.Text());
        }

        var violation = run.Context?.Violation;
        if (fault is not null)
            Console.WriteLine($"\nThe soak did not come to its end: {(fault is OperationCanceledException ? "it was interrupted" : fault)}");
        if (violation is not null)
            Console.WriteLine($"\nBroken: {violation.Rule}\n{violation.Story}");
        if (fault is null && violation is null)
        {
            Console.WriteLine("\nPASS");
            return true;
        }

        PrintLogs(options.Folder);
        Console.WriteLine($"\nFAIL  (again with: make soak SEED={options.Seed})");
        return false;
    }

    private static void PrintLogs(string folder)
    {
        foreach (var log in Directory.EnumerateFiles(folder, "*.log").Order(StringComparer.Ordinal))
        {
            Console.WriteLine($"--- {log}");
            foreach (var line in File.ReadLines(log).TakeLast(12))
                Console.WriteLine(line.Length > 400 ? line[..400] : line);
        }
    }
}
