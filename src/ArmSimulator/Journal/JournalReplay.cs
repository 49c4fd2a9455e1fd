using System.Globalization;
using System.Text.Json;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Journal;

/// <summary>What a replay gave.</summary>
/// <param name="Events">Events that were done again.</param>
/// <param name="State">Sum over the state at the end.</param>
/// <param name="Difference">The first place where the replay differs from the journal, with its line; null when they are equal.</param>
/// <param name="Violations">Invariants that were broken during the replay.</param>
public sealed record ReplayReport(long Events, string State, string? Difference, IReadOnlyList<Invariants.Violation> Violations);

/// <summary>Does everything in a journal again, on a simulator of its own: same answers, same state, or the first difference.</summary>
public static class JournalReplay
{
    /// <summary>Replays. Throws <see cref="FormatException"/> with the line for what is no journal. A last line that was cut by a kill is left out.</summary>
    public static ReplayReport Run(TextReader journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var head = Parse(journal.ReadLine(), 1, JournalJson.Default.JournalHead) ?? throw new FormatException("line 1: the journal is empty");
        if (head.Version != JournalHead.Current)
            throw new FormatException($"line 1: the journal has version {head.Version}; this program replays version {JournalHead.Current}");
        using var arm = SimulatedArm.ForReplay(head);
        long events = 0;
        string? difference = null;
        var number = 1;
        var line = journal.ReadLine();
        while (line is not null)
        {
            number++;
            var next = journal.ReadLine();
            if (Parse(line, number, JournalJson.Default.JournalEvent, last: next is null) is { } happened)
            {
                events++;
                difference ??= arm.Replay(happened) is { } differs ? string.Create(CultureInfo.InvariantCulture, $"line {number}: {differs}") : null;
            }

            line = next;
        }

        return new ReplayReport(events, arm.State, difference, arm.Violations);
    }

    private static T? Parse<T>(string? line, int number, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, bool last = false)
        where T : class
    {
        try
        {
            return line is null ? null : JsonSerializer.Deserialize(line, type) ?? throw new JsonException("null");
        }
        catch (JsonException) when (last)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {number}: is no line of a journal: {e.Message}"), e);
        }
    }
}
