using System.Security.Cryptography;
using System.Text;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>Name of the host end of an owner's link: always the same for the same owner, so a DEL finds it without a record.</summary>
internal static class HostInterfaceName
{
    /// <summary>IFNAMSIZ without the closing zero (linux/if.h).</summary>
    public const int MaxLength = 15;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>The prefix and as many letters of a SHA-256 (5 bits each) as fit: 60 bits with <c>azv</c>.</summary>
    public static string Of(Owner owner, string prefix)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(owner.ToString()), hash);
        Span<char> name = stackalloc char[MaxLength];
        prefix.CopyTo(name);
        for (var i = prefix.Length; i < MaxLength; i++)
            name[i] = Alphabet[hash[i] & 31];
        return new string(name);
    }
}
