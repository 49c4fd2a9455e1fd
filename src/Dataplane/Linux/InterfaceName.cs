using System.Text;

namespace Vnetcni.Dataplane.Linux;

/// <summary>What the kernel takes as a name or alias of an interface.</summary>
internal static class InterfaceName
{
    /// <summary>IFNAMSIZ less the NUL.</summary>
    public const int MaxBytes = 15;

    /// <summary>IFALIASZ less the NUL.</summary>
    public const int MaxAliasBytes = 255;

    /// <summary>As the kernel's dev_valid_name: 1 to 15 bytes, not "." or "..", no slash, colon or white space.</summary>
    public static void Require(string name)
    {
        if (name.Length == 0 || name is "." or ".." || Encoding.UTF8.GetByteCount(name) > MaxBytes
            || name.Any(character => character is '/' or ':' or '\0' || char.IsWhiteSpace(character)))
            throw new ArgumentException($"'{name}' can't be an interface's name: 1 to {MaxBytes} bytes without slash, colon or white space.");
    }

    /// <summary>Ours, and at most 255 bytes.</summary>
    public static void RequireAlias(string alias)
    {
        var bytes = Encoding.UTF8.GetByteCount(alias);
        if (bytes > MaxAliasBytes || alias.Contains('\0') || !alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal))
            throw new ArgumentException(
                $"The alias '{alias}' must begin with {HostInterface.AliasPrefix} and have at most {MaxAliasBytes} bytes; it has {bytes}.");
    }
}
