using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Http;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary><c>/openapi/v2</c> and <c>/openapi/v3</c>.</summary>
internal sealed class OpenApiEndpoint(KubeStore store)
{
    // Two names of the same form: before and after the media type's naming was mended.
    private const string Protobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    private const string ProtobufDotted = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    /// <summary>Answers, or throws 404 or 406.</summary>
    /// <param name="context">The request.</param>
    /// <param name="parts">Its path's parts, <c>openapi</c> first.</param>
    public Task HandleAsync(HttpContext context, string[] parts)
    {
        var catalog = store.Catalog;
        switch (parts)
        {
            case ["openapi", "v2"]:
                return Version2Async(context, OpenApiV2.Document(catalog));
            case ["openapi", "v3"]:
                return Answer.JsonAsync(context, 200, OpenApiV3.Index(catalog, catalog.Revision.ToString("X", CultureInfo.InvariantCulture)));
            case ["openapi", "v3", .. var rest]:
                // Refused for protobuf alone; clients that can take JSON say so too.
                _ = AnswerFormat.Of(context.Request);
                var document = OpenApiV3.Document(catalog, string.Join('/', rest)) ?? throw Refusals.NoSuchResource();
                return Answer.JsonAsync(context, 200, document);
            default:
                throw Refusals.NoSuchResource();
        }
    }

    private static Task Version2Async(HttpContext context, JsonObject document)
    {
        foreach (var clause in MediaClause.Read(context.Request.Headers.Accept))
        {
            if (clause.Type is Protobuf or ProtobufDotted)
                return Answer.BytesAsync(context, 200, GnosticDocument.Encode(document), clause.Type == Protobuf ? ProtobufDotted : clause.Type);
            if (clause.Type is "application/json" or "application/*" or "*/*")
                break;
        }

        _ = AnswerFormat.Of(context.Request);
        return Answer.JsonAsync(context, 200, document);
    }
}
