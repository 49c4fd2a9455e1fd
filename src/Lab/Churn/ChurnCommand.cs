using System.Globalization;

namespace Vnetcni.Lab.Churn;

/// <summary><c>lab churn</c>: plays, prints figures and the verdict.</summary>
internal static class ChurnCommand
{
    /// <summary>0 only when no promise was broken; 1 when one was; 2 when the machine can't run it.</summary>
    public static async Task<int> RunAsync(ChurnOptions options, CancellationToken cancellationToken)
    {
        if (Environment.UserName != "root")
        {
            Console.WriteLine("The churn makes network namespaces: run it as root (sudo make churn).");
            return 2;
        }

        var start = TimeProvider.System.GetTimestamp();
        void Tell(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,7:0.0} s  {text}"));

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"SEED={options.Seed} COUNT={options.Count} MINUTES={options.Length.TotalMinutes:0.##}"));
        await using var run = new ChurnRun(options, Tell);
        Exception? fault = null;
        try
        {
            await run.PlayAsync(cancellationToken);
        }
        catch (Exception e)
        {
            fault = e;
        }

        Console.WriteLine($"\nCalls of the agent ({options.Workers} at a time)");
        Console.Write(run.State.Calls.Text(new Dictionary<int, TimeSpan> { [1] = run.Took }));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {run.State.Pods} pods came and went in {run.Took.TotalSeconds:0} s ({run.State.Pods / Math.Max(1, run.Took.TotalSeconds):0} a second); the agent was killed {run.Kills} times\n  without kills: {run.Memory}"));
        if (run.State.Violation is { } violation)
            Console.WriteLine($"\nBroken: {violation.Rule}\n{violation.Story}");
        if (fault is not null)
            Console.WriteLine($"\nThe churn did not come to its end: {(fault is OperationCanceledException ? "it was interrupted" : fault)}");
        var passed = fault is null && run.State.Violation is null;
        Console.WriteLine(passed ? "\nPASS" : $"\nFAIL  (again with: make churn SEED={options.Seed})");
        return passed ? 0 : 1;
    }
}
