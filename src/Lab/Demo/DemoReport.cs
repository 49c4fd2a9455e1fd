using System.Globalization;
using Spectre.Console;

namespace Vnetcni.Lab.Demo;

/// <summary>What the demo did: each step with its outcome and time. Prints a table at the end.</summary>
internal sealed class DemoReport(IAnsiConsole console)
{
    private readonly List<DemoStep> _steps = [];

    /// <summary>Whether every step passed, and there was one.</summary>
    public bool Passed => _steps.Count > 0 && _steps.All(step => step.Passed);

    /// <summary>
    /// Runs one step. It returns a word about what was seen. A step that fails is recorded and ends the demo by throwing
    /// <see cref="DemoFailedException"/>, since the later ones stand on it.
    /// </summary>
    public async Task StepAsync(string name, Func<Task<string>> body)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            var seen = await body();
            Add(new DemoStep(name, true, TimeProvider.System.GetElapsedTime(start), seen));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Add(new DemoStep(name, false, TimeProvider.System.GetElapsedTime(start), e.Message));
            throw new DemoFailedException(name, e);
        }
    }

    /// <summary>Prints the PASS/FAIL table.</summary>
    public void Print()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "step", "seconds", "seen");
        foreach (var step in _steps)
        {
            table.AddRow(
                step.Passed ? "[green]PASS[/]" : "[red]FAIL[/]",
                Markup.Escape(step.Name),
                step.Took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),
                Markup.Escape(step.Seen));
        }

        console.Write(table);
    }

    private void Add(DemoStep step)
    {
        _steps.Add(step);
        console.MarkupLineInterpolated(
            CultureInfo.InvariantCulture,
            $"{(step.Passed ? "ok  " : "FAIL")} {step.Took.TotalSeconds,6:0.0} s  {step.Name}: {step.Seen}");
    }
}

/// <summary>One line of the report.</summary>
internal sealed record DemoStep(string Name, bool Passed, TimeSpan Took, string Seen);

/// <summary>A step failed; the cause is inside.</summary>
internal sealed class DemoFailedException(string step, Exception cause) : Exception($"{step}: {cause.Message}", cause);
