using System.Diagnostics;
using CsCheck;
using Vnetcni.Dataplane.Snat;
using Xunit;
using static Vnetcni.Dataplane.Tests.Snat.EgressBed;

namespace Vnetcni.Dataplane.Tests.Snat;

/// <summary>Large sets, and how long a whole replacement takes; the figures go to the test's output. The bounds are loose.</summary>
public sealed class EgressFiguresTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public async Task A_whole_replacement_is_quick(int cidrs)
    {
        using var bed = new EgressBed();
        // Two sets without a range in common, in turn.
        EgressRules[] rules = [Rules(Cidrs(10, cidrs)), Rules(Cidrs(11, cidrs))];
        foreach (var warm in Enumerable.Range(0, 20))
            await bed.Egress.ApplyAsync(rules[warm % 2], Token);
        var times = new List<double>();
        foreach (var round in Enumerable.Range(0, 200))
        {
            var begun = Stopwatch.GetTimestamp();
            await bed.Egress.ApplyAsync(rules[round % 2], Token);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        times.Sort();
        var check = Stopwatch.GetTimestamp();
        Assert.Empty(await bed.Egress.CheckAsync(Token));
        output.WriteLine(
            $"{cidrs} CIDRs: replacement and read-back p50 {times[100]:F2} ms, p99 {times[198]:F2} ms; check {Stopwatch.GetElapsedTime(check).TotalMilliseconds:F2} ms");
        Assert.Equal(cidrs, bed.Table().Split("nomasq")[1].Split('}')[0].Count(character => character == '/'));
        Assert.InRange(times[100], 0, 100);
    }

    [Fact]
    public async Task The_most_CIDRs_and_pods_that_are_accepted_fit_one_send()
    {
        using var bed = new EgressBed();
        var pods = Enumerable.Range(0, EgressRules.MaxPods).Select(i => new System.Net.IPAddress([10, 9, (byte)(i >> 8), (byte)i])).ToArray();
        await bed.Egress.ApplyAsync(Rules(Cidrs(10, CidrSet.MaxCidrs)) with { Pods = pods }, Token);
        Assert.Empty(await bed.Egress.CheckAsync(Token));
        Assert.Equal(CidrSet.MaxCidrs, bed.Table().Split("nomasq")[1].Split('}')[0].Count(character => character == '/'));
    }

    [Fact]
    public async Task Whatever_CIDRs_are_listed_the_kernel_takes_them()
    {
        using var bed = new EgressBed();
        var any = Gen.OneOf(
            Gen.Select(Gen.UInt, Gen.Int[0, 32]), Gen.Select(Gen.UInt[0x0a000000, 0x0a0000ff], Gen.Int[24, 32]), Gen.Select(Gen.UInt[0xffffff00, 0xffffffff], Gen.Int[24, 32]));
        var samples = new List<string[]>();
        any.Array[1, 30].Sample(cidrs => samples.Add([.. cidrs.Select(cidr => $"{new System.Net.IPAddress([(byte)(cidr.Item1 >> 24), (byte)(cidr.Item1 >> 16), (byte)(cidr.Item1 >> 8), (byte)cidr.Item1])}/{cidr.Item2}")]), iter: 150, threads: 1);
        foreach (var sample in samples)
        {
            await bed.Egress.ApplyAsync(Rules(sample), Token);
            Assert.Empty(await bed.Egress.CheckAsync(Token));
        }
    }

    private static string[] Cidrs(int first, int count) => [.. Enumerable.Range(0, count).Select(i => $"{first}.{i / 128}.{i % 128 * 2}.0/24")];
}
