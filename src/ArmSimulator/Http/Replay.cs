using Vnetcni.ArmSimulator.Journal;

namespace Vnetcni.ArmSimulator.Http;

/// <summary><c>--replay</c>: tells whether a journal gives the same answers and the same state again.</summary>
internal static class Replay
{
    /// <summary>0 when all is equal and no invariant is broken, else 1. Throws <see cref="FormatException"/> for what is no journal.</summary>
    public static int Run(string file, TextWriter output)
    {
        using var reader = new StreamReader(file);
        ReplayReport report;
        try
        {
            report = JournalReplay.Run(reader);
        }
        catch (FormatException e)
        {
            throw new FormatException($"--replay {file}: {e.Message}", e);
        }

        output.WriteLine($"{report.Events} events replayed, state {report.State}");
        foreach (var violation in report.Violations)
            output.WriteLine($"invariant {violation.Invariant} broken on {violation.Resource}: {violation.Message}");
        output.WriteLine(report.Difference is null ? "equal to the journal" : $"differs from the journal: {report.Difference}");
        return report.Difference is null && report.Violations.Count == 0 ? 0 : 1;
    }
}
