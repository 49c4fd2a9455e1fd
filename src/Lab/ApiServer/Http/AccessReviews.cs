using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>
/// Answers <c>kubectl auth can-i</c> and <c>auth whoami</c>: there is one user, and everything that is served is allowed to it.
/// </summary>
internal static class AccessReviews
{
    /// <summary>Whether a path asks who may do what.</summary>
    public static bool Owns(string path) => path is
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" or "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
        or "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    /// <summary>Answers a POST with the review and its status.</summary>
    public static async Task HandleAsync(HttpContext context, string path)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
            throw Refusals.NoSuchMethod();
        var review = await RequestBody.ObjectAsync(context);
        review["status"] = path[(path.LastIndexOf('/') + 1)..] switch
        {
            "selfsubjectaccessreviews" => new JsonObject { ["allowed"] = true, ["reason"] = "the lab's API server allows its one user everything" },
            "selfsubjectrulesreviews" => new JsonObject
            {
                ["resourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") }),
                ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
                ["incomplete"] = false,
            },
            _ => new JsonObject
            {
                ["userInfo"] = new JsonObject { ["username"] = "vnetcni-lab", ["groups"] = new JsonArray("system:masters", "system:authenticated") },
            },
        };
        await Answer.JsonAsync(context, 201, review);
    }
}
