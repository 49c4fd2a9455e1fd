using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>Reads the text of a <see cref="JsonPath"/>.</summary>
internal sealed class JsonPathParser(string text)
{
    private const int MaxSteps = 64;
    private int _at;

    private char Next => _at < text.Length ? text[_at] : '\0';

    /// <summary>Reads the whole text; throws <see cref="FormatException"/>.</summary>
    public List<JsonPathStep> Read()
    {
        var steps = ReadSteps();
        if (_at < text.Length)
            throw Wrong($"unexpected '{Next}'");
        return steps;
    }

    private List<JsonPathStep> ReadSteps()
    {
        var steps = new List<JsonPathStep>();
        while (Next is '.' or '[')
        {
            if (steps.Count >= MaxSteps)
                throw Wrong($"more than {MaxSteps} steps");
            if (Next == '[')
            {
                steps.Add(ReadBrackets());
                continue;
            }

            _at++;
            if (Next == '.')
            {
                _at++;
                steps.Add(new JsonPathStep.Descend());
            }

            if (Next == '[')
                continue;
            var name = ReadName();
            if (name.Length > 0)
                steps.Add(name == "*" ? new JsonPathStep.Wildcard() : new JsonPathStep.Field(name));
        }

        return steps;
    }

    private string ReadName()
    {
        var name = new StringBuilder();
        while (_at < text.Length && text[_at] is not ('.' or '[' or ']' or ')' or ' ' or '=' or '!' or '<' or '>'))
        {
            if (text[_at] == '\\' && _at + 1 < text.Length)
                _at++;
            name.Append(text[_at++]);
        }

        return name.ToString();
    }

    private JsonPathStep ReadBrackets()
    {
        _at++;
        JsonPathStep step;
        if (Next == '?')
            step = ReadFilter();
        else if (Next is '\'' or '"')
            step = new JsonPathStep.Field(ReadQuoted());
        else
            step = ReadIndex();
        Expect(']');
        return step;
    }

    private JsonPathStep.Filter ReadFilter()
    {
        _at++;
        Expect('(');
        SkipBlanks();
        Expect('@');
        var left = ReadSteps();
        SkipBlanks();
        string? comparison = null;
        JsonNode? right = null;
        if (Next != ')')
        {
            comparison = ReadOperator();
            SkipBlanks();
            right = ReadLiteral();
            SkipBlanks();
        }

        Expect(')');
        return new JsonPathStep.Filter(left, comparison, right);
    }

    private string ReadOperator()
    {
        foreach (var known in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
        {
            if (string.CompareOrdinal(text, _at, known, 0, known.Length) == 0)
            {
                _at += known.Length;
                return known;
            }
        }

        throw Wrong("a comparison is wanted");
    }

    private JsonValue ReadLiteral()
    {
        if (Next is '\'' or '"')
            return JsonValue.Create(ReadQuoted());
        var start = _at;
        while (_at < text.Length && text[_at] is not (')' or ' '))
            _at++;
        var word = text[start.._at];
        if (word is "true" or "false")
            return JsonValue.Create(word == "true");
        return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : throw Wrong($"'{word}' is no string, number or boolean");
    }

    private string ReadQuoted()
    {
        var quote = text[_at++];
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            if (text[_at] == '\\' && _at + 1 < text.Length)
                _at++;
            value.Append(text[_at++]);
        }

        Expect(quote);
        return value.ToString();
    }

    private JsonPathStep ReadIndex()
    {
        var end = text.IndexOf(']', _at);
        if (end < 0)
            throw Wrong("']' is missing");
        var word = text[_at..end];
        _at = end;
        if (word == "*")
            return new JsonPathStep.Wildcard();
        var parts = word.Split(':');
        if (parts.Length == 1)
            return new JsonPathStep.Index(Number(parts[0]) ?? throw Wrong("an index is wanted"));
        if (parts.Length > 3)
            throw Wrong("too many ':'");
        var stride = parts.Length == 3 ? Number(parts[2]) ?? 1 : 1;
        return stride > 0 ? new JsonPathStep.Slice(Number(parts[0]), Number(parts[1]), stride) : throw Wrong("a step must be above 0");
    }

    private int? Number(string word) =>
        word.Length == 0 ? null
        : int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Wrong($"'{word}' is no index");

    private void SkipBlanks()
    {
        while (Next == ' ')
            _at++;
    }

    private void Expect(char wanted)
    {
        if (Next != wanted)
            throw Wrong($"'{wanted}' is missing");
        _at++;
    }

    private FormatException Wrong(string why) =>
        new(string.Create(CultureInfo.InvariantCulture, $"JSONPath '{text}', position {_at}: {why}"));
}
