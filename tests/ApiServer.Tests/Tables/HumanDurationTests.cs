using System.Globalization;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.ApiServer.Tests.Tables;

public class HumanDurationTests
{
    // The cases of k8s.io/apimachinery/pkg/util/duration.
    [Theory]
    [InlineData("00:00:01", "1s")]
    [InlineData("00:01:10", "70s")]
    [InlineData("00:03:10", "3m10s")]
    [InlineData("00:10:30", "10m")]
    [InlineData("01:10:00", "70m")]
    [InlineData("03:10:00", "3h10m")]
    [InlineData("08:10:00", "8h")]
    [InlineData("1.00:00:00", "24h")]
    [InlineData("3.02:00:00", "3d2h")]
    [InlineData("9.01:00:00", "9d")]
    [InlineData("729.00:00:00", "729d")]
    [InlineData("800.00:00:00", "2y70d")]
    [InlineData("3000.00:00:00", "8y")]
    [InlineData("-00:00:01", "0s")]
    [InlineData("-00:00:03", "<invalid>")]
    public void Ages_read_as_kubectl_prints_them(string span, string expected) =>
        Assert.Equal(expected, HumanDuration.Format(TimeSpan.Parse(span, CultureInfo.InvariantCulture)));

    [Fact]
    public void A_missing_time_is_unknown_and_a_wrong_one_invalid()
    {
        Assert.Equal("<unknown>", HumanDuration.Since(null, DateTimeOffset.UnixEpoch));
        Assert.Equal("<invalid>", HumanDuration.Since("yesterday", DateTimeOffset.UnixEpoch));
        Assert.Equal("34s", HumanDuration.Since("1970-01-01T00:00:00Z", DateTimeOffset.UnixEpoch.AddSeconds(34)));
    }
}
