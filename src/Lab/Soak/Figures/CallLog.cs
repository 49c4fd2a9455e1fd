using System.Globalization;
using System.Text;

namespace Vnetcni.Lab.Soak.Figures;

/// <summary>Counts CNI calls by verb and outcome, with their times. May be used from any thread.</summary>
internal sealed class CallLog
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(int Part, string Verb), List<double>> _times = [];
    private readonly SortedDictionary<(string Verb, int Code), (int Count, bool Retryable, string Example)> _failures = [];
    private readonly SortedDictionary<string, int> _notes = new(StringComparer.Ordinal);

    /// <summary>Calls from now on belong to this part: 1, 2, … in the text.</summary>
    public int Part { get; set; } = 1;

    /// <summary>A call that succeeded.</summary>
    public void Succeeded(string verb, TimeSpan took)
    {
        lock (_gate)
        {
            if (!_times.TryGetValue((Part, verb), out var times))
                _times[(Part, verb)] = times = [];
            times.Add(took.TotalMilliseconds);
        }
    }

    /// <summary>A call that failed with a CNI error.</summary>
    public void Failed(string verb, int code, bool retryable, string message)
    {
        lock (_gate)
        {
            var (count, _, example) = _failures.GetValueOrDefault((verb, code), (0, retryable, message));
            _failures[(verb, code)] = (count + 1, retryable, example);
        }
    }

    /// <summary>Something else that is counted.</summary>
    public void Note(string what, int count = 1)
    {
        lock (_gate)
            _notes[what] = _notes.GetValueOrDefault(what) + count;
    }

    /// <summary>Calls of a verb that succeeded.</summary>
    public int CountOf(string verb)
    {
        lock (_gate)
            return _times.Where(pair => pair.Key.Verb == verb).Sum(pair => pair.Value.Count);
    }

    /// <summary>How often something was noted.</summary>
    public int NotesOf(string what)
    {
        lock (_gate)
            return _notes.GetValueOrDefault(what);
    }

    /// <summary>The figures, one line each.</summary>
    /// <param name="active">How long pods came and went in each part.</param>
    public string Text(IReadOnlyDictionary<int, TimeSpan> active)
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            foreach (var ((part, verb), times) in _times)
            {
                var sorted = times.Order().ToArray();
                var seconds = active.TryGetValue(part, out var length) ? length.TotalSeconds : double.PositiveInfinity;
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"  part {part}  {verb,-6} {sorted.Length,7}   {sorted.Length / seconds,6:0.0}/s   p50 {Quantile(sorted, 0.5),7:0.0} ms   p99 {Quantile(sorted, 0.99),7:0.0} ms   slowest {sorted[^1],7:0.0} ms");
            }

            foreach (var ((verb, code), (count, retryable, example)) in _failures)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {verb,-5} {count,8}   failed with code {code} ({(retryable ? "to be retried" : "not to be retried")}), such as: {example}");
            foreach (var (what, count) in _notes)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {count,14}   {what}");
            return text.ToString();
        }
    }

    /// <summary>The nearest-rank quantile of sorted values; 0 of none.</summary>
    public static double Quantile(double[] sorted, double q) =>
        sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(q * sorted.Length) - 1, 0, sorted.Length - 1)];
}
