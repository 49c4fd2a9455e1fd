using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Fields;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>
/// Checks a value against a structural schema, in the words of Kubernetes' errors. Rules in CEL
/// (x-kubernetes-validations) are not evaluated, as a server before 1.23 does not.
/// </summary>
internal sealed class SchemaValidator
{
    private readonly List<FieldError> errors = [];

    public static IReadOnlyList<FieldError> Check(SchemaNode schema, JsonNode? value)
    {
        var validator = new SchemaValidator();
        validator.Value(schema, value, string.Empty);
        return validator.errors;
    }

    private static bool Holds(SchemaNode schema, JsonNode? value, string path)
    {
        var validator = new SchemaValidator();
        validator.Value(schema, value, path);
        return validator.errors.Count == 0;
    }

    private void Value(SchemaNode schema, JsonNode? value, string path)
    {
        if (schema.IsOpen || (value is null && schema.IsNullable))
            return;
        var type = TypeOf(value);
        if (!TypeFits(schema, type))
        {
            errors.Add(FieldError.Invalid(path, FieldError.Quote(type), $"{path} in body must be of type {Wanted(schema)}: \"{type}\""));
            return;
        }

        switch (value)
        {
            case JsonObject fields:
                Fields(schema, fields, path);
                break;
            case JsonArray items:
                Items(schema, items, path);
                break;
            case JsonValue scalar when type == "string":
                Text(schema, scalar.GetValue<string>(), path);
                break;
            case JsonValue scalar when type is "integer" or "number":
                Number(schema, scalar, path);
                break;
        }

        if (schema.Enum is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
            errors.Add(FieldError.NotSupported(path, FieldError.Show(value), allowed.Select(a => a is JsonValue v ? v.ToString() : a?.ToJsonString() ?? "null")));
        Combined(schema, value, path);
    }

    private void Fields(SchemaNode schema, JsonObject fields, string path)
    {
        foreach (var name in schema.Required)
        {
            if (!fields.ContainsKey(name))
                errors.Add(FieldError.Required(Join(path, name)));
        }

        Count(schema.MinProperties, schema.MaxProperties, fields.Count, path, "properties");
        foreach (var (name, value) in fields)
        {
            if (schema.Properties.TryGetValue(name, out var field))
                Value(field, value, Join(path, name));
            else if (schema.Additional is { } values)
                Value(values, value, Join(path, name));
        }
    }

    private void Items(SchemaNode schema, JsonArray items, string path)
    {
        Count(schema.MinItems, schema.MaxItems, items.Count, path, "items");
        if (schema.UniqueItems && items.Where((item, i) => items.Take(i).Any(other => JsonNode.DeepEquals(item, other))).Any())
            errors.Add(FieldError.Invalid(path, "\"\"", $"{path} in body shouldn't contain duplicates"));
        if (schema.List != ListKind.Atomic)
            Duplicates(schema, items, path);
        if (schema.Items is null)
            return;
        for (var i = 0; i < items.Count; i++)
            Value(schema.Items, items[i], items[i] is JsonObject ? string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]") : path);
    }

    private void Duplicates(SchemaNode schema, JsonArray items, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            if (PathNames.Item(schema, items[i]) is { } name && !seen.Add(name))
                errors.Add(FieldError.Duplicate(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), ShowKeys(schema, items[i])));
        }
    }

    private static string ShowKeys(SchemaNode schema, JsonNode? item) => schema.List == ListKind.Set
        ? FieldError.Show(item)
        : $"map[string]interface {{}}{{{string.Join(", ", schema.MapKeys.Select(k => $"\"{k}\":{FieldError.Show((item as JsonObject)?[k])}"))}}}";

    private void Text(SchemaNode schema, string value, string path)
    {
        var length = value.EnumerateRunes().Count();
        if (schema.MaxLength is { } max && length > max)
            errors.Add(FieldError.Invalid(path, FieldError.Quote(value), $"{path} in body should be at most {max} chars long"));
        if (schema.MinLength is { } min && length < min)
            errors.Add(FieldError.Invalid(path, FieldError.Quote(value), $"{path} in body should be at least {min} chars long"));
        if (schema.Pattern is { } pattern && !pattern.IsMatch(value))
            errors.Add(FieldError.Invalid(path, FieldError.Quote(value), $"{path} in body should match '{schema.PatternText}'"));
        if (schema.Format.Length > 0 && !Formats.Fits(schema.Format, value))
            errors.Add(FieldError.Invalid(path, FieldError.Quote(value), $"{path} in body must be of type {schema.Format}: {FieldError.Quote(value)}"));
    }

    private void Number(SchemaNode schema, JsonValue scalar, string path)
    {
        var text = scalar.ToJsonString();
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return;
        void Add(string detail) => errors.Add(FieldError.Invalid(path, text, $"{path} in body should be {detail}"));
        if (schema.Maximum is { } max && (schema.ExclusiveMaximum ? value >= max : value > max))
            Add($"less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{Plain(max)}");
        if (schema.Minimum is { } min && (schema.ExclusiveMinimum ? value <= min : value < min))
            Add($"greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{Plain(min)}");
        if (schema.MultipleOf is { } step && step != 0 && value % step != 0)
            Add($"a multiple of {Plain(step)}");
        if (schema.Format == "int32" && (value < int.MinValue || value > int.MaxValue) && schema.Maximum is null)
            errors.Add(FieldError.Invalid(path, text, $"{path} in body must be of type int32: {FieldError.Quote("integer")}"));
    }

    private void Combined(SchemaNode schema, JsonNode? value, string path)
    {
        foreach (var all in schema.AllOf)
            Value(all, value, path);
        if (schema.AnyOf.Count > 0 && !schema.AnyOf.Any(s => Holds(s, value, path)))
            errors.Add(FieldError.Invalid(path, "\"\"", $"{path} in body must validate at least one schema (anyOf)"));
        if (schema.OneOf.Count > 0 && schema.OneOf.Count(s => Holds(s, value, path)) != 1)
            errors.Add(FieldError.Invalid(path, "\"\"", $"{path} in body must validate one and only one schema (oneOf)"));
        if (schema.Not is { } not && Holds(not, value, path))
            errors.Add(FieldError.Invalid(path, "\"\"", $"{path} in body must not validate the schema (not)"));
    }

    private void Count(long? min, long? max, int count, string path, string what)
    {
        if (max is { } most && count > most)
            errors.Add(FieldError.Invalid(path, count.ToString(CultureInfo.InvariantCulture), $"{path} in body should have at most {most} {what}"));
        if (min is { } least && count < least)
            errors.Add(FieldError.Invalid(path, count.ToString(CultureInfo.InvariantCulture), $"{path} in body should have at least {least} {what}"));
    }

    private static bool TypeFits(SchemaNode schema, string type)
    {
        if (schema.IsIntOrString)
            return type is "integer" or "string";
        return schema.Type.Length == 0 || schema.Type == type || (schema.Type == "number" && type == "integer");
    }

    private static string Wanted(SchemaNode schema) => schema.IsIntOrString ? "integer or string" : schema.Type;

    private static string TypeOf(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            _ => IsWhole(value.ToJsonString()) ? "integer" : "number",
        },
    };

    private static bool IsWhole(string number) =>
        decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value == Math.Truncate(value) && !number.Contains('.');

    private static string Plain(decimal value) => value.ToString("0.##########", CultureInfo.InvariantCulture);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
