using System.Buffers;

namespace Vnetcni.Operator.Azure.Resources;

/// <summary>
/// An ARM resource id: <c>/subscriptions/{s}/resourceGroups/{rg}/providers/{ns}/{type}/{name}[/{type}/{name}...]</c>. Compared
/// without case, written as it was read. Only characters that ARM allows in names are taken, so that an id from a Node or an
/// answer cannot lead a request to another path.
/// Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
/// </summary>
public sealed class ResourceId : IEquatable<ResourceId>
{
    /// <summary>The longest id that is taken.</summary>
    public const int MaxLength = 1024;

    private static readonly SearchValues<char> NameChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.()");

    private readonly string _text;
    private readonly string[] _parts;

    private ResourceId(string text, string[] parts)
    {
        _text = text;
        _parts = parts;
    }

    /// <summary>Subscription.</summary>
    public string SubscriptionId => _parts[2];

    /// <summary>Resource group.</summary>
    public string ResourceGroup => _parts[4];

    /// <summary>Name of the resource itself.</summary>
    public string Name => _parts[^1];

    /// <summary>Full type, such as <c>Microsoft.Network/virtualNetworks/subnets</c>.</summary>
    public string Type => string.Join('/', _parts.Where((_, i) => i == 6 || (i >= 7 && i % 2 == 1)));

    /// <summary>The resource that this one lies in (a subnet's virtual network), or null.</summary>
    public ResourceId? Parent => _parts.Length <= 9 ? null : new ResourceId(string.Join('/', _parts[..^2]), _parts[..^2]);

    /// <summary>Whether the full type is this one, without case.</summary>
    public bool IsOfType(string type) => Type.Equals(type, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an id. Throws <see cref="FormatException"/>.</summary>
    public static ResourceId Parse(string? text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{(text?.Length > 200 ? text[..200] : text)}' is not an ARM resource id (/subscriptions/.../resourceGroups/.../providers/...)");

    /// <summary>Reads an id; false for anything that is not the id of a resource in a resource group.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ResourceId? id)
    {
        id = null;
        if (text is null || text.Length > MaxLength)
            return false;
        var parts = text.Split('/');
        if (parts.Length < 9 || parts.Length % 2 == 0 || parts[0].Length != 0
            || !Is(parts[1], "subscriptions") || !Is(parts[3], "resourceGroups") || !Is(parts[5], "providers"))
        {
            return false;
        }

        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i].Length == 0 || parts[i] is "." or ".." || !IsName(parts[i], letters: i == 4))
                return false;
        }

        id = new ResourceId(text, parts);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(ResourceId? other) => other is not null && Is(_text, other._text);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ResourceId);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_text);

    /// <summary>The id as it was read.</summary>
    public override string ToString() => _text;

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    /// <summary>A resource group's name may hold letters of any script; they are escaped on the wire.</summary>
    private static bool IsName(string part, bool letters)
    {
        foreach (var c in part)
        {
            if (!NameChars.Contains(c) && !(letters && char.IsLetterOrDigit(c)))
                return false;
        }

        return true;
    }
}
