using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>What happened, for the trace; and what must not have happened.</summary>
internal sealed class SimTimeline(Simulator simulator)
{
    /// <summary>Begins lines that only the comparison of two runs needs.</summary>
    private const string Minor = "~ ";

    private readonly List<string> faults = [];

    /// <summary>Something changed since <see cref="TakeChanges"/>.</summary>
    private bool changed;

    public void Add(string line) => simulator.Trace.Add(OneLine(line));

    /// <summary>Of no interest to people.</summary>
    public void AddMinor(string line) => simulator.Trace.Add(Minor + OneLine(line));

    /// <summary>A state changed that invariants speak of.</summary>
    public void Change(string line)
    {
        Add(line);
        changed = true;
    }

    /// <summary>Something that must not happen. The run ends after this step, whatever the code under test makes of it.</summary>
    public void Fault(string line)
    {
        Add($"FAULT {line}");
        faults.Add(line);
    }

    public bool TakeChanges()
    {
        var taken = changed;
        changed = false;
        return taken;
    }

    public void MarkChanged() => changed = true;

    public void ThrowFaults()
    {
        if (faults.Count > 0)
            throw new InvalidOperationException(string.Join("; ", faults));
    }

    /// <summary>The last lines for people.</summary>
    public static string Readable(IEnumerable<string> lines, int count) =>
        string.Join('\n', lines.Where(line => !line.AsSpan().TrimStart("0123456789. ").StartsWith(Minor)).TakeLast(count));

    private static string OneLine(string line) => line.ReplaceLineEndings(" ");
}
