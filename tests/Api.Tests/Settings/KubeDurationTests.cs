using System.Text.RegularExpressions;
using CsCheck;
using Vnetcni.Api.Durations;

namespace Vnetcni.Api.Tests.Settings;

public sealed partial class KubeDurationTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("30s", 30)]
    [InlineData("3m", 180)]
    [InlineData("3m0s", 180)]
    [InlineData("1h30m", 5400)]
    [InlineData("99999h", 359996400)]
    public void Durations_are_read(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), KubeDuration.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1.5h")]
    [InlineData("5s3m")]
    [InlineData("1m1m")]
    [InlineData("500ms")]
    [InlineData("30 s")]
    [InlineData("30S")]
    [InlineData("100000s")]
    [InlineData("٣s")]
    [InlineData("00001h00001m00001s")]
    public void Anything_else_is_refused_with_the_text(string? text)
    {
        var error = Assert.Throws<FormatException>(() => KubeDuration.Parse(text));
        Assert.Contains($"'{text}'", error.Message);
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Int[0, 99_999 * 3600].Sample(seconds => KubeDuration.Parse(KubeDuration.Format(TimeSpan.FromSeconds(seconds))) == TimeSpan.FromSeconds(seconds));

    [Fact]
    public void The_parser_and_the_schemas_pattern_agree() =>
        Gen.String[Gen.Char["0123456789hms "], 0, 9].Sample(
            text => KubeDuration.TryParse(text, out _) == (text.Length is >= 2 and <= KubeDuration.MaxLength && Schema().IsMatch(text)), iter: 20_000);

    [GeneratedRegex(KubeDuration.Pattern)]
    private static partial Regex Schema();
}
