using System.Globalization;
using System.Text;

namespace Vnetcni.Api.Durations;

/// <summary>
/// Durations as the custom resources write them: whole hours, minutes and seconds in that order, each at most once, such as
/// <c>30s</c>, <c>3m</c>, <c>1h30m</c>. A strict part of Go's syntax, so that <c>kubectl</c> and CEL read the same value.
/// </summary>
public static class KubeDuration
{
    /// <summary>The longest text that is read.</summary>
    public const int MaxLength = 16;

    /// <summary>The same rule as a regular expression, as the schemas carry it.</summary>
    public const string Pattern = "^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$";

    private const string Units = "hms";

    /// <summary>Reads a duration. False for anything else than the strict form, an empty text included.</summary>
    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
            return false;
        long seconds = 0;
        var number = 0;
        var digits = 0;
        var nextUnit = 0;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                if (++digits > 5)
                    return false;
                number = (number * 10) + (c - '0');
                continue;
            }

            var unit = Units.IndexOf(c, StringComparison.Ordinal);
            if (digits == 0 || unit < nextUnit)
                return false;
            seconds += number * (unit switch { 0 => 3600L, 1 => 60L, _ => 1L });
            (number, digits, nextUnit) = (0, 0, unit + 1);
        }

        if (digits != 0)
            return false;
        value = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>Reads a duration. Throws <see cref="FormatException"/> with the text and the accepted form.</summary>
    public static TimeSpan Parse(string? text) => TryParse(text, out var value)
        ? value
        : throw new FormatException($"'{text}' is not a duration; write whole hours, minutes and seconds, such as 30s or 1h30m");

    /// <summary>Writes a duration in the shortest form; parts of a second are dropped. Throws for a negative value.</summary>
    public static string Format(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        var seconds = (long)value.TotalSeconds;
        var text = new StringBuilder(MaxLength);
        Append(seconds / 3600, 'h');
        Append(seconds % 3600 / 60, 'm');
        Append(seconds % 60, 's');
        return text.Length == 0 ? "0s" : text.ToString();

        void Append(long number, char unit)
        {
            if (number != 0)
                text.Append(number.ToString(CultureInfo.InvariantCulture)).Append(unit);
        }
    }
}
