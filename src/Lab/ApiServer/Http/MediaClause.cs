using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>One clause of an Accept header, or a Content-Type.</summary>
/// <param name="Type">Type and subtype, lower case.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record MediaClause(string Type, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>All clauses, the preferred first (by q, then as written).</summary>
    public static IReadOnlyList<MediaClause> Read(StringValues header) =>
    [
        .. header.SelectMany(line => (line ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(One)
            .OrderByDescending(clause => double.TryParse(clause.Parameter("q"), NumberStyles.Float, CultureInfo.InvariantCulture, out var q) ? q : 1),
    ];

    /// <summary>Reads one clause.</summary>
    public static MediaClause One(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.Skip(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                parameters[part[..equals].Trim()] = part[(equals + 1)..].Trim(' ', '"');
        }

        return new MediaClause(parts[0].ToLowerInvariant(), parameters);
    }

    /// <summary>A parameter; empty when there is none.</summary>
    public string Parameter(string name) => Parameters.GetValueOrDefault(name, string.Empty);
}
