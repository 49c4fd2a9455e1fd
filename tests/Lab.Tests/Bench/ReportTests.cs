using System.Xml.Linq;
using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Bench.Report;
using Xunit;

namespace Vnetcni.Lab.Tests.Bench;

public sealed class ReportTests
{
    [Fact]
    public void The_tables_show_ratios_and_verdicts()
    {
        var text = ResultTables.Write(Samples.Good.With(Names.Ours, "DEL", 1, o => o with { P50 = 3 }));
        Assert.Contains("| bridge+host-local | 12.00 ms | 30.0 ms | 6.0 | 24.00 ms | 30.0 ms | 8.0 | 1.7 / 1.7 ms |", text, StringComparison.Ordinal);
        Assert.Contains("| vnetcni, full node (210 pods stay) | 2.20 ms |", text, StringComparison.Ordinal);
        Assert.Contains("| gate: DEL p50, times as fast | ≥ 10 | 8 | **missed** |", text, StringComparison.Ordinal);
        Assert.Contains("| vnetcni transparent | 14.0 Gbit/s | 0.88 | 42000/s | 0.84 |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void All_rows_of_a_table_have_the_same_number_of_cells()
    {
        foreach (var table in ResultTables.Write(Samples.Good).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            Assert.Single(table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Count(c => c == '|')).Distinct());
    }

    [Fact]
    public void The_plot_is_well_formed_and_its_longest_bar_is_the_slowest()
    {
        var svg = XDocument.Parse(PlotWriter.Write(Samples.Good)).Root!;
        var bars = svg.Elements().Where(e => e.Name.LocalName == "rect" && (string?)e.Attribute("height") == "18").Select(e => (double)e.Attribute("width")!).ToArray();
        Assert.Equal(8, bars.Length);
        Assert.Equal(bars.Max(), bars[3]);
        Assert.Contains(svg.Elements(), e => e.Value == "bridge+host-local");
    }

    [Fact]
    public void Only_the_section_of_the_page_is_replaced()
    {
        const string Page = "before\n<!-- make bench writes from here -->\nold\n<!-- to here -->\nafter\n";
        var once = ResultsSection.Replace(Page, "new\n");
        Assert.Equal("before\n<!-- make bench writes from here -->\n\nnew\n\n<!-- to here -->\nafter\n", once);
        Assert.Equal(once, ResultsSection.Replace(once, "new"));
        Assert.Throws<FormatException>(() => ResultsSection.Replace("a page without it", "new"));
        Assert.Throws<FormatException>(() => ResultsSection.Replace(Page + Page, "new"));
    }
}
