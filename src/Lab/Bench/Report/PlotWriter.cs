using System.Globalization;
using System.Text;
using Vnetcni.Lab.Bench.Figures;

namespace Vnetcni.Lab.Bench.Report;

/// <summary>A bar plot of the medians of ADD and DEL, as SVG. Legible on light and dark pages.</summary>
internal static class PlotWriter
{
    private const int Width = 760, Left = 210, Bar = 18, Row = 58, Top = 56, Right = 90;

    /// <summary>Draws the candidates on nodes that are empty otherwise.</summary>
    public static string Write(BenchResult result)
    {
        var rows = result.Operations.Where(o => o.Parallel == 1 && o.Residents == 0).GroupBy(o => o.Candidate, StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Add: g.Single(o => o.Verb == "ADD").P50, Delete: g.Single(o => o.Verb == "DEL").P50)).ToArray();
        var most = rows.Max(r => Math.Max(r.Add, r.Delete));
        var height = Top + (rows.Length * Row) + 12;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"Median time of ADD and DEL\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        Line(svg, $"<text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"bold\" fill=\"#1b1f24\">ADD and DEL, one at a time: median in ms, less is better</text>");
        Key(svg, 12, "#0b6bcb", "ADD");
        Key(svg, 76, "#e08a00", "DEL");
        for (var i = 0; i < rows.Length; i++)
        {
            var y = Top + (i * Row) + 8;
            Line(svg, $"<text x=\"{Left - 10}\" y=\"{y + Bar + 5}\" text-anchor=\"end\" fill=\"#1b1f24\">{System.Security.SecurityElement.Escape(rows[i].Name)}</text>");
            Draw(svg, y, rows[i].Add, most, "#0b6bcb");
            Draw(svg, y + Bar + 3, rows[i].Delete, most, "#e08a00");
        }

        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Key(StringBuilder svg, int x, string colour, string name)
    {
        Line(svg, $"<rect x=\"{x}\" y=\"36\" width=\"12\" height=\"12\" fill=\"{colour}\"/>");
        Line(svg, $"<text x=\"{x + 18}\" y=\"47\" fill=\"#1b1f24\">{name}</text>");
    }

    private static void Draw(StringBuilder svg, int y, double value, double most, string colour)
    {
        var length = Math.Max(1, value / most * (Width - Left - Right));
        Line(svg, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{length:0.0}\" height=\"{Bar}\" fill=\"{colour}\"/>");
        Line(svg, $"<text x=\"{Left + length + 6:0.0}\" y=\"{y + Bar - 5}\" fill=\"#1b1f24\">{value:0.00}</text>");
    }

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
