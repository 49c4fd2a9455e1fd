using System.Text;

namespace Vnetcni.AgentProtocol.Invocation;

/// <summary>Which names CNI and the kernel take.</summary>
public static class NameRules
{
    /// <summary>Longest container id or network name taken, in characters. The specification has no limit; a file name has.</summary>
    public const int LongestIdentifier = 255;

    // IFNAMSIZ - 1, https://man7.org/linux/man-pages/man7/netdevice.7.html
    private const int LongestInterface = 15;

    /// <summary>
    /// Container ids and network names: <c>^[A-Za-z0-9][A-Za-z0-9_.-]*$</c>, at most <see cref="LongestIdentifier"/>.
    /// </summary>
    /// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#parameters</remarks>
    public static bool IsIdentifier(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > LongestIdentifier || !char.IsAsciiLetterOrDigit(text[0]))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
                return false;
        }

        return true;
    }

    /// <summary>
    /// What is wrong with an interface name, or null: 1 to 15 bytes, not <c>.</c> or <c>..</c>, no <c>/</c>, <c>:</c>,
    /// white space or control character.
    /// </summary>
    /// <remarks>Source: dev_valid_name() in net/core/dev.c, and libcni's utils.ValidateInterfaceName.</remarks>
    public static string? InterfaceFault(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes == 0)
            return "is empty";
        if (bytes > LongestInterface)
            return $"has {bytes} bytes, at most {LongestInterface} are possible";
        if (name is "." or "..")
            return "is . or ..";
        foreach (var c in name)
        {
            if (c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c))
                return "has a slash, a colon, white space or a control character";
        }

        return null;
    }
}
