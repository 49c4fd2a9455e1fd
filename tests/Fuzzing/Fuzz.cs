using System.Text;
using CsCheck;

namespace Vnetcni.Fuzzing;

/// <summary>
/// Hands a parser bytes that nobody should send: random ones, and valid ones with changes. docs/fuzzing.md says how to let it run for longer.
/// </summary>
public static class Fuzz
{
    /// <summary>Cases of a short run where a case takes microseconds.</summary>
    public const int Cases = 20_000;

    private const long Least = 256 * 1024;

    /// <summary>One to six changes.</summary>
    public static Gen<Mutation[]> Mutations { get; } =
        Gen.Select(Gen.Int[0, Mutation.Kinds - 1], Gen.UInt, Gen.UInt, (kind, where, what) => new Mutation(kind, where, what)).Array[1, 6];

    /// <summary>Of JSON: what trips parsers.</summary>
    public static IReadOnlyList<byte[]> JsonWords { get; } = Words(
        "null", "true", "{}", "[]", "\"\"", "0", "-1", "1e999", "-0.0", "99999999999999999999", "\\ud800", "\\udc00", "\\u0000", "\\\"", "\"", "\\",
        "{", "}", "[", "]", ",", ":", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\u00e9", "\U0001F600", "/*", "NaN", "fd00::1", "::ffff:10.0.0.1");

    /// <summary>Texts as bytes.</summary>
    public static IReadOnlyList<byte[]> Words(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Into the test's output: how many cases there were.</summary>
    public static void Say(string text) => Xunit.TestContext.Current.TestOutputHelper?.WriteLine(text);

    /// <summary>
    /// Runs <paramref name="parse"/> over random bytes and over changed ones of <paramref name="valid"/>. It has to take them or to refuse them in
    /// its own way, without a harm that it does not catch, and within memory in proportion to the bytes.
    /// </summary>
    /// <param name="valid">Bytes that are taken.</param>
    /// <param name="words">See <see cref="Mutation.Apply(byte[], IEnumerable{Mutation}, IReadOnlyList{byte[]})"/>.</param>
    /// <param name="parse">Throws what must not be.</param>
    /// <param name="cases">How many; CsCheck_Iter raises it, CsCheck_Time (seconds) takes its place.</param>
    /// <param name="most">Bytes of memory that one byte may cost, above 256 KiB.</param>
    public static void Check(IReadOnlyList<byte[]> valid, IReadOnlyList<byte[]> words, Action<byte[]> parse, int cases = Cases, int most = 1024)
    {
        foreach (var bytes in valid)
            parse([.. bytes]);
        Gen.Select(Gen.Int[0, valid.Count], Mutations, Gen.Byte.Array[0, 256]).Sample(
            (which, changes, random) =>
            {
                var bytes = which == valid.Count ? random : Mutation.Apply(valid[which], changes, words);
                var before = GC.GetAllocatedBytesForCurrentThread();
                parse(bytes);
                Xunit.Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Least + ((long)most * bytes.Length));
            },
            Say,
            iter: Math.Max(CsCheck.Check.Iter, cases));
    }
}
