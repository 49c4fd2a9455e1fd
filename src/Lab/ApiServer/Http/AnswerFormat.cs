using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>The form of an answer that a request's Accept header asks for.</summary>
internal enum AnswerForm
{
    /// <summary>The objects.</summary>
    Objects,

    /// <summary>A <c>meta.k8s.io/v1 Table</c>.</summary>
    Table,

    /// <summary>Metadata alone.</summary>
    Metadata,
}

/// <summary>How to answer.</summary>
/// <param name="Form">Which form.</param>
/// <param name="Rows">What a table's rows carry.</param>
/// <param name="Pretty">Whether a person reads it.</param>
internal sealed record AnswerFormat(AnswerForm Form, RowObject Rows, bool Pretty)
{
    /// <summary>Takes the first clause of Accept that is served; throws 406 when there is none.</summary>
    public static AnswerFormat Of(HttpRequest request)
    {
        var pretty = IsTrue(request.Query["pretty"]);
        var rows = (string?)request.Query["includeObject"] switch
        {
            "None" => RowObject.None,
            "Object" => RowObject.Object,
            null or "" or "Metadata" => RowObject.Metadata,
            var other => throw Refusals.BadRequest($"unrecognized includeObject value: \"{other}\""),
        };
        return new AnswerFormat(Choose(request), rows, pretty);
    }

    /// <summary>Whether a query parameter says true: whatever is there and not <c>0</c> or <c>false</c>, as on the real server.</summary>
    public static bool IsTrue(string? value) => value is not (null or "0") && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);

    private static AnswerForm Choose(HttpRequest request)
    {
        var clauses = MediaClause.Read(request.Headers.Accept);
        if (clauses.Count == 0)
            return AnswerForm.Objects;
        foreach (var clause in clauses)
        {
            if (clause.Type is not ("application/json" or "application/*" or "*/*"))
                continue;
            var known = clause.Parameter("g") == "meta.k8s.io" && clause.Parameter("v") == "v1";
            switch (clause.Parameter("as"))
            {
                case "":
                    return AnswerForm.Objects;
                case "Table" when known:
                    return AnswerForm.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when known:
                    return AnswerForm.Metadata;
                default:
                    continue;
            }
        }

        throw Refusals.NotAcceptable();
    }
}
