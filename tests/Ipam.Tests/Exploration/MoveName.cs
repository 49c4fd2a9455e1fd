using System.Globalization;

namespace Vnetcni.Ipam.Tests.Exploration;

/// <summary>What happens in a move. The text is made only when somebody reads it.</summary>
/// <param name="Format">With {0} for who and {1} for what.</param>
/// <param name="Who">Number of the leader.</param>
/// <param name="What">Number of the address, or another argument.</param>
internal readonly record struct MoveName(string Format, int Who = 0, int What = 0) : IFormattable
{
    public override string ToString() => string.Format(CultureInfo.InvariantCulture, Format, Who, What);

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();
}
