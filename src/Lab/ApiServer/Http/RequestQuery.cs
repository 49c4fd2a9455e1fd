using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Store;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Reads query parameters into the store's queries.</summary>
internal static class RequestQuery
{
    private const int MaxManager = 128;

    /// <summary>Whether the request asks for a watch.</summary>
    public static bool IsWatch(HttpRequest request) => request.Query.ContainsKey("watch") && AnswerFormat.IsTrue(request.Query["watch"]);

    /// <summary>A list; a name narrows it to one object.</summary>
    public static ListQuery List(HttpRequest request, string ns)
    {
        // Nothing times out here; what is no number is refused all the same.
        Number(request, "timeoutSeconds");
        return new ListQuery
        {
            Namespace = ns,
            LabelSelector = Text(request, "labelSelector"),
            FieldSelector = Text(request, "fieldSelector"),
            Limit = Number(request, "limit") ?? 0,
            Continue = Text(request, "continue"),
            ResourceVersion = Text(request, "resourceVersion"),
            ResourceVersionMatch = Text(request, "resourceVersionMatch"),
        };
    }

    /// <summary>A watch; of one object when it is named.</summary>
    public static WatchQuery Watch(HttpRequest request, string ns, string name)
    {
        var fields = Text(request, "fieldSelector");
        if (name.Length > 0)
            fields = fields.Length == 0 ? $"metadata.name={name}" : $"{fields},metadata.name={name}";
        return new WatchQuery
        {
            Namespace = ns,
            LabelSelector = Text(request, "labelSelector"),
            FieldSelector = fields,
            ResourceVersion = Text(request, "resourceVersion"),
            SendInitialEvents = Boolean(request, "sendInitialEvents"),
        };
    }

    /// <summary>A create, update or patch.</summary>
    /// <param name="request">The request.</param>
    /// <param name="subresource"><c>status</c>, or empty.</param>
    /// <param name="options">Kind of options in messages, such as <c>CreateOptions.meta.k8s.io</c>.</param>
    /// <param name="apply">An apply: its manager must be named.</param>
    public static WriteQuery Write(HttpRequest request, string subresource, string options, bool apply = false)
    {
        var manager = Text(request, "fieldManager");
        return new WriteQuery
        {
            FieldManager = manager.Length > 0 || apply ? manager : AgentName(request),
            DryRun = DryRun([.. request.Query["dryRun"].Select(v => v ?? string.Empty)], options),
            FieldValidation = FieldValidation(Text(request, "fieldValidation"), options),
            Subresource = subresource,
            Force = Boolean(request, "force"),
        };
    }

    /// <summary>A delete: DeleteOptions in the body, or in the query.</summary>
    public static DeleteQuery Delete(HttpRequest request, JsonNode? body)
    {
        const string options = "DeleteOptions.meta.k8s.io";
        CheckDeleteOptions(body);
        var orphan = Cells.At(body, "orphanDependents") is { } said ? said.GetValueKind() == System.Text.Json.JsonValueKind.True : Boolean(request, "orphanDependents");
        var policy = Cells.Text(body, "propagationPolicy") ?? Text(request, "propagationPolicy");
        if (policy is not ("" or "Background" or "Foreground" or "Orphan"))
        {
            throw Refusals.Invalid(
                options, "propagationPolicy", "FieldValueNotSupported",
                $"Unsupported value: \"{policy}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
        }

        if (orphan is not null && policy.Length > 0)
        {
            throw Refusals.Invalid(
                options, "propagationPolicy", "FieldValueInvalid",
                $"Invalid value: \"{policy}\": orphanDependents and deletionPropagation cannot be both set");
        }

        string[] dryRun = Cells.At(body, "dryRun") is JsonArray words
            ? [.. words.Select(w => w?.ToString() ?? string.Empty)]
            : [.. request.Query["dryRun"].Select(v => v ?? string.Empty)];
        return new DeleteQuery
        {
            Uid = Cells.Text(body, "preconditions", "uid") ?? string.Empty,
            ResourceVersion = Cells.Text(body, "preconditions", "resourceVersion") ?? string.Empty,
            GracePeriodSeconds = Cells.At(body, "gracePeriodSeconds") is null ? Number(request, "gracePeriodSeconds") : Cells.Integer(body, "gracePeriodSeconds"),
            PropagationPolicy = policy.Length > 0 ? policy : orphan switch { true => "Orphan", false => "Background", null => string.Empty },
            DryRun = DryRun(dryRun, options),
        };
    }

    /// <summary>A text parameter, the first of several; empty when there is none.</summary>
    public static string Text(HttpRequest request, string name) => request.Query[name] is [{ } first, ..] ? first : string.Empty;

    /// <summary>A whole number; null when there is none, 400 when it is no number.</summary>
    public static long? Number(HttpRequest request, string name)
    {
        var text = Text(request, name);
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refusals.BadRequest($"{name}: \"{text}\" is not a number");
    }

    // What cannot be read must not delete: a dry run or a precondition may be what was meant.
    private static void CheckDeleteOptions(JsonNode? body)
    {
        const string kind = "DeleteOptions";
        if (body is null)
            return;
        if (body is not JsonObject said)
            throw Refusals.BadRequest($"the body of a delete must be a {kind} object");
        KubeJson.DropNulls(said);
        if (said["kind"] is { } given && Cells.Text(given) != kind)
            throw Refusals.BadRequest($"the body of a delete must be of kind {kind}, not {given.ToJsonString()}");
        if (SchemaValidator.Check(BuiltInSchemas.Of(kind), said) is [var wrong, ..])
            throw Refusals.BadRequest($"{kind} cannot be read: {wrong}");
    }

    private static string FieldValidation(string said, string options) => said switch
    {
        // As on servers from 1.27 on.
        "" => "Warn",
        "Ignore" or "Warn" or "Strict" => said,
        _ => throw Refusals.Invalid(
            options, "fieldValidation", "FieldValueNotSupported",
            $"Unsupported value: \"{said}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""),
    };

    private static bool? Boolean(HttpRequest request, string name) =>
        request.Query.ContainsKey(name) ? AnswerFormat.IsTrue(Text(request, name)) : null;

    private static bool DryRun(string[] values, string options)
    {
        if (values.Length == 0)
            return false;
        var wrong = values.FirstOrDefault(v => v != "All");
        return wrong is null
            ? true
            : throw Refusals.Invalid(options, "dryRun", "FieldValueNotSupported", $"Unsupported value: [\"{wrong}\"]: supported values: \"All\"");
    }

    // The real server names a manager after the program when the request names none.
    private static string AgentName(HttpRequest request)
    {
        var name = request.Headers.UserAgent.ToString().Split('/')[0].Trim();
        if (name.Length == 0)
            return "unknown";
        return name.Length <= MaxManager ? name : name[..MaxManager];
    }
}
