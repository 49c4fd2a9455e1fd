using Vnetcni.Lab.Soak.Figures;

namespace Vnetcni.Lab.Bench.Figures;

/// <summary>Quantiles of samples in any order.</summary>
internal static class Statistics
{
    /// <summary>Nearest rank; 0 of none.</summary>
    public static double Quantile(IEnumerable<double> samples, double q) => CallLog.Quantile([.. samples.Order()], q);

    /// <summary>The middle; 0 of none.</summary>
    public static double Median(IEnumerable<double> samples) => Quantile(samples, 0.5);

    /// <summary>The middle, and where that of more samples would be, 95 times in 100 (by rank, whatever their distribution). Zeros of none.</summary>
    public static Interval MedianInterval(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        if (sorted.Length == 0)
            return new Interval(0, 0, 0);
        var middle = (sorted.Length + 1) / 2;
        var reach = (int)Math.Ceiling(1.96 * Math.Sqrt(sorted.Length) / 2);
        return new Interval(
            sorted[middle - 1], sorted[Math.Max(0, middle - 1 - reach)], sorted[Math.Min(sorted.Length - 1, middle - 1 + reach)]);
    }
}

/// <summary>A median and how sure it is.</summary>
/// <param name="Median">The middle.</param>
/// <param name="Low">Hardly less.</param>
/// <param name="High">Hardly more.</param>
internal sealed record Interval(double Median, double Low, double High);
