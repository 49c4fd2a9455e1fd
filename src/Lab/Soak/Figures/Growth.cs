using System.Globalization;
using System.Text;

namespace Vnetcni.Lab.Soak.Figures;

/// <summary>A look at a process.</summary>
/// <param name="At">When, since the start of the soak.</param>
/// <param name="MemoryKiB">Resident memory.</param>
/// <param name="Descriptors">Open file descriptors.</param>
internal sealed record ProcessSample(TimeSpan At, long MemoryKiB, int Descriptors);

/// <summary>Memory and descriptors of each process over its life. A process that was killed begins anew as another one. May be used from any thread.</summary>
internal sealed class Growth
{
    // A young runtime's heap and its code still grow.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private const long MemorySlackKiB = 48 * 1024;
    private const double MemoryFactor = 1.4;
    private const int DescriptorSlack = 24;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Name, int Id), List<ProcessSample>> _samples = [];

    /// <summary>Takes a look in.</summary>
    public void Add(string name, int id, ProcessSample sample)
    {
        lock (_gate)
        {
            if (!_samples.TryGetValue((name, id), out var list))
                _samples[(name, id)] = list = [];
            list.Add(sample);
        }
    }

    /// <summary>
    /// What grew beyond its bound, one line each: at its end a process may have 1.4 times its memory and 48 MiB more, and 24
    /// descriptors more, than once it was warm (20 s old).
    /// </summary>
    public IReadOnlyList<string> Breaches()
    {
        var breaches = new List<string>();
        foreach (var ((name, id), list) in Samples())
        {
            if (Warm(list) is not { } warm)
                continue;
            var last = list[^1];
            if (last.MemoryKiB > (warm.MemoryKiB * MemoryFactor) + MemorySlackKiB)
                breaches.Add($"{name} (process {id}) has grown from {warm.MemoryKiB / 1024} to {last.MemoryKiB / 1024} MiB");
            if (last.Descriptors > warm.Descriptors + DescriptorSlack)
                breaches.Add($"{name} (process {id}) has grown from {warm.Descriptors} to {last.Descriptors} descriptors");
        }

        return breaches;
    }

    /// <summary>First, warm and last look at each process that lived for long enough, one line each.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var ((name, _), list) in Samples().OrderBy(pair => pair.Key.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value[0].At))
        {
            if (Warm(list) is not { } warm)
                continue;
            var (first, last) = (list[0], list[^1]);
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {name,-14} {first.At.TotalSeconds,4:0} to {last.At.TotalSeconds,4:0} s   memory {first.MemoryKiB / 1024} → {warm.MemoryKiB / 1024} → {last.MemoryKiB / 1024} MiB   descriptors {first.Descriptors} → {warm.Descriptors} → {last.Descriptors}");
        }

        return text.ToString();
    }

    private List<((string Name, int Id) Key, ProcessSample[] Value)> Samples()
    {
        lock (_gate)
            return [.. _samples.Select(pair => (pair.Key, pair.Value.ToArray()))];
    }

    private static ProcessSample? Warm(ProcessSample[] list) =>
        list.FirstOrDefault(sample => sample.At - list[0].At >= WarmUp);
}
