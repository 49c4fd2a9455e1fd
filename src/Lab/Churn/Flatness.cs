using System.Globalization;
using Vnetcni.Lab.Bench.Figures;

namespace Vnetcni.Lab.Churn;

/// <summary>A look at the agent.</summary>
/// <param name="Pods">Pods that have come and gone so far.</param>
/// <param name="AnonymousKiB">RssAnon.</param>
/// <param name="Descriptors">Open descriptors.</param>
internal sealed record MemorySample(long Pods, long AnonymousKiB, int Descriptors);

/// <summary>
/// Whether one process's memory and descriptors stay flat while pods come and go. The first quarter of the samples is warm-up; the
/// second is compared with the last, by medians.
/// </summary>
internal sealed class Flatness(IReadOnlyList<MemorySample> samples)
{
    private const int FewestSamples = 16;
    private const long SlackKiB = 4 * 1024;
    private const double Factor = 1.1;
    private const int DescriptorSlack = 24;

    /// <summary>Least-squares slope after the warm-up, in KiB for 1,000 pods.</summary>
    public double Slope
    {
        get
        {
            var warm = samples.Skip(samples.Count / 4).ToArray();
            if (warm.Length < 2)
                return 0;
            double x = warm.Average(s => s.Pods), y = warm.Average(s => s.AnonymousKiB);
            var spread = warm.Sum(s => (s.Pods - x) * (s.Pods - x));
            return spread == 0 ? 0 : warm.Sum(s => (s.Pods - x) * (s.AnonymousKiB - y)) / spread * 1000;
        }
    }

    /// <summary>
    /// What grew, or null: by the end the process may have 1.1 times its memory and 4 MiB more, and 24 descriptors more. Too few
    /// samples are a fault too: they would prove nothing.
    /// </summary>
    public string? Breach()
    {
        if (samples.Count < FewestSamples)
            return Text($"only {samples.Count} looks at the agent's memory, too few to tell anything: run for longer");
        var early = Median(samples.Count / 4, s => s.AnonymousKiB);
        var late = Median(samples.Count * 3 / 4, s => s.AnonymousKiB);
        if (late > (early * Factor) + SlackKiB)
            return Text($"the agent's RssAnon has grown from {early} to {late} KiB, {Slope:0.00} KiB for 1,000 pods");
        var (few, many) = (Median(samples.Count / 4, s => s.Descriptors), Median(samples.Count * 3 / 4, s => s.Descriptors));
        return many > few + DescriptorSlack ? Text($"the agent's descriptors have grown from {few} to {many}") : null;
    }

    /// <summary>The figures in one line.</summary>
    public override string ToString() => samples.Count == 0
        ? "no looks"
        : Text(
            $"RssAnon {Median(samples.Count / 4, s => s.AnonymousKiB) / 1024:0.0} → {Median(samples.Count * 3 / 4, s => s.AnonymousKiB) / 1024:0.0} MiB over {samples[^1].Pods - samples[0].Pods} pods, {Slope:0.000} KiB for 1,000 pods; descriptors {samples[0].Descriptors} → {samples[^1].Descriptors}");

    private double Median(int from, Func<MemorySample, double> value) =>
        Statistics.Median(samples.Skip(from).Take(Math.Max(1, samples.Count / 4)).Select(value));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
