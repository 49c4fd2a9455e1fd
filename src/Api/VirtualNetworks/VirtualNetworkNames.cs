using System.Security.Cryptography;
using System.Text;

namespace Vnetcni.Api.VirtualNetworks;

/// <summary>Names of VirtualNetwork objects that the operator makes.</summary>
public static class VirtualNetworkNames
{
    private const int MaxBaseLength = 54;

    /// <summary>
    /// The network's name, sanitised to a DNS label, and eight hex digits of the SHA-256 of the lower-cased id, such as
    /// <c>prod-vnet-1a2b3c4d</c>. Two ids that differ in case only give one name.
    /// </summary>
    public static string For(string resourceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(resourceId);
        var lower = resourceId.ToLowerInvariant().TrimEnd('/');
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(lower), hash);
        var name = new StringBuilder(MaxBaseLength);
        foreach (var c in lower.AsSpan(lower.LastIndexOf('/') + 1))
        {
            if (name.Length == MaxBaseLength)
                break;
            if (char.IsAsciiLetterOrDigit(c))
                name.Append(c);
            else if (name.Length != 0 && name[^1] != '-')
                name.Append('-');
        }

        var text = name.ToString().TrimEnd('-');
        return $"{(text.Length == 0 ? "vnet" : text)}-{Convert.ToHexStringLower(hash[..4])}";
    }
}
