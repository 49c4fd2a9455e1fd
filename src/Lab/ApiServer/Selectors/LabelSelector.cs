using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Selectors;

/// <summary>
/// A label selector: <c>a=b</c>, <c>a==b</c>, <c>a!=b</c>, <c>a in (b,c)</c>, <c>a notin (b)</c>, <c>a</c>, <c>!a</c>, <c>a&gt;5</c>.
/// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
/// </summary>
internal sealed class LabelSelector
{
    private const string Operators = "'=', '!=', '==', 'in', notin'";
    private readonly List<string> tokens;
    private readonly List<Func<JsonObject?, bool>> tests = [];
    private int at;

    private LabelSelector(string text) => tokens = [.. Tokens(text)];

    /// <summary>A test of labels. Throws 400 for a selector that is none.</summary>
    public static Func<JsonObject?, bool>? Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var selector = new LabelSelector(text);
        selector.Requirements();
        var all = selector.tests;
        return labels => all.TrueForAll(t => t(labels));
    }

    private string Peek => at < tokens.Count ? tokens[at] : string.Empty;

    private string Take() => at < tokens.Count ? tokens[at++] : string.Empty;

    private void Requirements()
    {
        while (true)
        {
            tests.Add(Requirement());
            if (Peek.Length == 0)
                return;
            if (Take() != ",")
                throw Refusal.BadRequest($"found '{tokens[at - 1]}', expected: ',' or 'end of string'");
            if (Peek.Length == 0 || Peek == ",")
                throw Refusal.BadRequest($"found '{Peek}', expected: identifier after ','");
        }
    }

    private Func<JsonObject?, bool> Requirement()
    {
        var negated = Peek == "!";
        if (negated)
            Take();
        var key = Take();
        if (key.Length == 0 || !IsWord(key))
            throw Unparsable($"found '{key}', expected: !, identifier, or 'end of string'");
        if (Names.LabelKeyError(key) is { } error)
            throw Unparsable($"invalid label key {FieldError.Quote(key)}: {error}");
        if (Peek.Length == 0 || Peek == ",")
            return labels => (Value(labels, key) is not null) != negated;
        if (negated)
            throw Unparsable($"found '{Peek}', expected: ',' or 'end of string'");
        return Comparison(key, Take());
    }

    private Func<JsonObject?, bool> Comparison(string key, string by)
    {
        switch (by)
        {
            case "=" or "==" or "!=":
                var value = IsWord(Peek) ? Take() : string.Empty;
                Check(key, value);
                return by == "!=" ? labels => Value(labels, key) != value : labels => Value(labels, key) == value;
            case "in" or "notin":
                var set = Set(key);
                return by == "in"
                    ? labels => Value(labels, key) is { } v && set.Contains(v)
                    : labels => Value(labels, key) is not { } v || !set.Contains(v);
            case "<" or ">":
                if (!long.TryParse(Take(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit))
                    throw Unparsable("for 'Gt', 'Lt' operators, the value must be an integer");
                return labels => long.TryParse(Value(labels, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    && (by == "<" ? number < limit : number > limit);
            default:
                throw Unparsable($"found '{by}', expected: {Operators}");
        }
    }

    private HashSet<string> Set(string key)
    {
        var open = Take();
        if (open != "(")
            throw Unparsable($"found '{open}' expected: '('");
        var set = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var value = IsWord(Peek) ? Take() : string.Empty;
            Check(key, value);
            set.Add(value);
            var next = Take();
            if (next == ")")
                return set;
            if (next != ",")
                throw Unparsable($"found '{next}', expected: ',', ')' or identifier");
        }
    }

    private static void Check(string key, string value)
    {
        if (Names.LabelValueError(value) is { } error)
            throw Unparsable($"invalid label value: {FieldError.Quote(value)}: at key: {FieldError.Quote(key)}: {error}");
    }

    private static string? Value(JsonObject? labels, string key) => labels?[key]?.ToString();

    private static ApiStatusException Unparsable(string why) => Refusal.BadRequest($"unable to parse requirement: {why}");

    private static bool IsWord(string token) => token.Length > 0 && !IsSpecial(token[0]);

    private static bool IsSpecial(char c) => c is '=' or '!' or '(' or ')' or ',' or '<' or '>';

    private static IEnumerable<string> Tokens(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            if (IsSpecial(text[i]))
                i += i + 1 < text.Length && text[i..(i + 2)] is "==" or "!=" ? 2 : 1;
            else
                while (i < text.Length && !IsSpecial(text[i]) && !char.IsWhiteSpace(text[i]))
                    i++;
            yield return text[start..i];
        }
    }
}
