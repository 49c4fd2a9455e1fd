using System.Globalization;

namespace Vnetcni.Operator.Azure.Http;

/// <summary>Retry-After: seconds or a date (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfterHeader
{
    /// <summary>Longer waits are cut: a wrong header must not stop the operator for a day.</summary>
    internal static readonly TimeSpan Max = TimeSpan.FromHours(1);

    internal static TimeSpan? Parse(string? value, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return Clamp(TimeSpan.FromSeconds(seconds));
        return DateTimeOffset.TryParseExact(value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? Clamp(date - now)
            : null;
    }

    private static TimeSpan Clamp(TimeSpan value) => value < TimeSpan.Zero ? TimeSpan.Zero : value > Max ? Max : value;
}
