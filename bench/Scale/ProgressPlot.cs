using System.Globalization;
using System.Text;

namespace Vnetcni.Scale;

/// <summary>Addresses over virtual time as an SVG, with the floor as a dashed line.</summary>
internal static class ProgressPlot
{
    private const int Width = 640;
    private const int Height = 240;
    private const int Margin = 48;

    public static string Svg(ScaleResult result)
    {
        var seconds = Math.Max(result.Progress.Count - 1, result.FloorSeconds) * 1.02;
        var most = Math.Max(1, result.Progress.Max());
        double X(double second) => Margin + (second / seconds * (Width - (2 * Margin)));
        double Y(double addresses) => Height - Margin - (addresses / most * (Height - (2 * Margin)));
        var svg = new StringBuilder();
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        Add($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        Add($"<text x=\"{Margin}\" y=\"20\">{result.Title}: addresses over virtual time</text>");
        Add($"<path d=\"M{Margin} {Margin}V{Height - Margin}H{Width - Margin}\" fill=\"none\" stroke=\"black\"/>");
        Add($"<path d=\"M{X(result.FloorSeconds):F1} {Margin}V{Height - Margin}\" stroke=\"gray\" stroke-dasharray=\"4 4\"/>");
        Add($"<text x=\"{X(result.FloorSeconds):F1}\" y=\"{Margin - 6}\" text-anchor=\"end\" fill=\"gray\">floor {result.FloorSeconds:F0} s</text>");
        Add($"<text x=\"{Margin - 6}\" y=\"{Margin + 4}\" text-anchor=\"end\">{most}</text>");
        Add($"<text x=\"{Width - Margin}\" y=\"{Height - Margin + 16}\" text-anchor=\"end\">{seconds:F0} s</text>");
        svg.Append("<polyline fill=\"none\" stroke=\"steelblue\" stroke-width=\"2\" points=\"");
        for (var i = 0; i < result.Progress.Count; i++)
            svg.Append(CultureInfo.InvariantCulture, $"{X(i):F1},{Y(result.Progress[i]):F1} ");
        svg.Append("\"/>");
        Add($"</svg>");
        return svg.ToString();

        void Add(FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
