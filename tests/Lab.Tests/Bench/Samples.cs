using Vnetcni.Lab.Bench.Figures;

namespace Vnetcni.Lab.Tests.Bench;

/// <summary>A result in which every promise holds, to be spoilt one by one.</summary>
internal static class Samples
{
    public static BenchResult Good { get; } = new(
        BenchResult.CurrentSchema, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "2 cores, Linux 6.18", 6, false,
        [
            .. Operations(Names.Ours, 0, 2, 1.5, 700), .. Operations(Names.Ours, 210, 2.2, 1.6, 650),
            .. Operations(Names.Bridge, 0, 12, 24, 150), .. Operations(Names.Bridge, 210, 18, 28, 90),
            .. Operations(Names.PointToPoint, 0, 11, 23, 160), .. Operations(Names.Floor, 0, 1, 12, 900),
        ],
        [new(Names.Ours, 1.2, 1.3, 2300), new(Names.Bridge, 2.5, 2.6, 4800)],
        new AfterDelete(20, 60, 30, 70),
        [new(Names.Host, 16, 50_000, 20, 40), new(Names.PlainBridge, 13, 38_000, 26, 50), new(Names.Transparent, 14, 42_000, 24, 45)],
        [
            new(Names.Host, Names.Host, 450, 10_000, 140_000, new(1, 1, 1), new(1, 1, 1)),
            new(Names.Untranslated, Names.PlainBridge, 450, 15_700, 208_600, new(1.01, 1.004, 1.015), new(1.02, 1, 1.03)),
            new(Names.Transparent, Names.NodeBridge, 450, 16_000, 214_000, new(1.13, 1.12, 1.14), new(1.14, 1.13, 1.15)),
        ],
        new ProgramFigures(2_300_000, true, 30_000_000, 60_000, 30_000, 20));

    public static BenchResult With(this BenchResult result, string candidate, string verb, int parallel, Func<OperationFigures, OperationFigures> change) =>
        result with
        {
            Operations = [.. result.Operations.Select(o => o.Candidate == candidate && o.Verb == verb && o.Parallel == parallel && o.Residents == 0 ? change(o) : o)],
        };

    private static IEnumerable<OperationFigures> Operations(string candidate, int residents, double add, double delete, double rate) =>
        from parallel in new[] { 1, 8, 32 }
        from verb in new[] { "ADD", "DEL" }
        select new OperationFigures(candidate, verb, parallel, residents, 240, verb == "ADD" ? add : delete, 30, rate, 1.2, 0.5, 0);
}
