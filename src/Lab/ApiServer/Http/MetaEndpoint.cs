using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Discovery;
using Vnetcni.Lab.ApiServer.OpenApi;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Health, version, discovery and OpenAPI.</summary>
internal sealed class MetaEndpoint(KubeStore store)
{
    private readonly OpenApiEndpoint _openApi = new(store);

    /// <summary>Whether a path is answered without a token, as on a real cluster.</summary>
    public static bool IsPublic(string path) => path is "/version" or "/version/" || Health(path);

    /// <summary>Answers a GET; false when the path is none of its own.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        if (Health(path))
        {
            await Answer.TextAsync(context, "ok");
            return true;
        }

        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case ["version"]:
                await Answer.JsonAsync(context, 200, ServerVersion.Json(), pretty: true);
                return true;
            case ["api"] or ["apis"]:
                await RootAsync(context, core: parts[0] == "api");
                return true;
            case ["api", var version]:
                await DocumentAsync(context, new DiscoveryDocuments(store.Catalog).Resources(string.Empty, version));
                return true;
            case ["apis", var group]:
                await DocumentAsync(context, new DiscoveryDocuments(store.Catalog).Group(group));
                return true;
            case ["apis", var group, var version]:
                await DocumentAsync(context, new DiscoveryDocuments(store.Catalog).Resources(group, version));
                return true;
            case ["openapi", ..]:
                await _openApi.HandleAsync(context, parts);
                return true;
            default:
                return false;
        }
    }

    private static bool Health(string path) =>
        path is "/healthz" or "/livez" or "/readyz"
        || path.StartsWith("/healthz/", StringComparison.Ordinal) || path.StartsWith("/livez/", StringComparison.Ordinal)
        || path.StartsWith("/readyz/", StringComparison.Ordinal);

    private static Task DocumentAsync(HttpContext context, System.Text.Json.Nodes.JsonObject? document) =>
        Answer.JsonAsync(context, 200, document ?? throw Refusals.NoSuchResource());

    private Task RootAsync(HttpContext context, bool core)
    {
        foreach (var clause in MediaClause.Read(context.Request.Headers.Accept))
        {
            if (clause.Type is "application/json" && clause.Parameter("g") == "apidiscovery.k8s.io"
                && clause.Parameter("as") == "APIGroupDiscoveryList" && clause.Parameter("v") is "v2" or "v2beta1")
            {
                var version = clause.Parameter("v");
                context.Response.Headers.Vary = "Accept";
                return Answer.JsonAsync(
                    context, 200, AggregatedDiscovery.Json(store.Catalog, core, version),
                    contentType: $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
            }
        }

        return Answer.JsonAsync(
            context, 200, core ? DiscoveryDocuments.CoreVersions(context.Request.Host.Value ?? string.Empty) : new DiscoveryDocuments(store.Catalog).Groups());
    }
}
