using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Selectors;

/// <summary>
/// A field selector: <c>path=value</c>, <c>==</c> and <c>!=</c>, joined by commas; backslash escapes.
/// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
/// </summary>
internal static class FieldSelector
{
    /// <summary>A test of objects. Throws 400 for a selector that is none, or a field that is not selectable.</summary>
    public static Func<JsonObject, bool>? Parse(ResourceDefinition resource, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        List<Func<JsonObject, bool>> tests = [.. Terms(text).Select(t => Term(resource, text, t))];
        return o => tests.TrueForAll(t => t(o));
    }

    private static Func<JsonObject, bool> Term(ResourceDefinition resource, string all, string term)
    {
        var at = term.IndexOf('=');
        if (at <= 0)
            throw Refusal.BadRequest($"invalid selector: '{all}'; can't understand '{term}'");
        var negated = term[at - 1] == '!';
        var field = term[..(negated ? at - 1 : at)];
        var value = Unescape(term[(at + (at + 1 < term.Length && term[at + 1] == '=' && !negated ? 2 : 1))..]);
        if (field != "metadata.name" && !(field == "metadata.namespace" && resource.Namespaced) && !resource.SelectableFields.Contains(field))
            throw Refusal.BadRequest($"field label not supported: {field}");
        var read = Reader(resource, field);
        return negated ? o => read(o) != value : o => read(o) == value;
    }

    private static Func<JsonObject, string> Reader(ResourceDefinition resource, string field)
    {
        var path = field.Split('.');
        if (resource.IsCustom)
            return o => o.At(path);
        return field switch
        {
            // As the server prints the Go value.
            "spec.unschedulable" => o => o.At(path) == "true" ? "true" : "false",
            "source" => o => o["source"].Text("component") is { Length: > 0 } component ? component : o.Text("reportingComponent"),
            _ => o => o.At(path),
        };
    }

    private static IEnumerable<string> Terms(string text)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '\\')
            {
                i++;
            }
            else if (i == text.Length || text[i] == ',')
            {
                if (i > start)
                    yield return text[start..i];
                start = i + 1;
            }
        }
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\'))
            return value;
        var result = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\')
                result.Append(value[i]);
            else if (++i < value.Length && value[i] is '\\' or ',' or '=')
                result.Append(value[i]);
            else
                throw Refusal.BadRequest($"invalid field selector: invalid escape sequence in value: {value}");
        }

        return result.ToString();
    }
}
