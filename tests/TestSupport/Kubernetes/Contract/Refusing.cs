using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Requests that nobody can serve, and what they are told.</summary>
internal static class Refusing
{
    public static readonly ContractCases Cases = new("Refusals")
    {
        ["a path that is none is 404"] = async server =>
        {
            foreach (var path in new[] { "/nothing", "/apis/nothing.example", "/apis/nothing.example/v1", "/apis/nothing.example/v1/things", "/apis/vnetcni.dev/v9", "/apis/vnetcni.dev/v9/nodeippools" })
                (await server.GetAsync(path)).Is(404);
        },
        ["an empty part of a path is no part left out"] = async server =>
            (await server.GetAsync("/api/v1//nodes")).Is(404),
        ["a resource that is none is 404"] = async server =>
        {
            (await server.GetAsync("/api/v1/nothings")).IsRefused(404, "NotFound", "the server could not find the requested resource");
            (await server.GetAsync($"{Namespaces}/default/nothings")).IsRefused(404, "NotFound", "the server could not find the requested resource");
            (await server.GetAsync($"{Group}/nothings")).Is(404);
        },
        ["a subresource that is none is 404"] = async server =>
        {
            var node = await server.MakeAsync(Nodes);
            (await server.GetAsync($"{Nodes}/{node.Name}/nothing")).IsRefused(404, "NotFound", "the server could not find the requested resource");
            var made = await server.MakeAsync(Classes);
            (await server.GetAsync($"{Classes}/{made.Name}/nothing")).Is(404);
        },
        ["a method that does not fit is 405"] = async server =>
        {
            (await server.PutAsync(Nodes, server.Body(Nodes, "x", ""))).IsRefused(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
            (await server.PostAsync($"{Nodes}/x", server.Body(Nodes, "x", ""))).IsRefused(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        },
        ["a method that does not fit a custom resource is refused"] = async server =>
        {
            // A collection cannot be replaced; the words differ between servers.
            (await server.PutAsync(Classes, server.Body(Classes, "x", ""))).Is(400, 404, 405).Has("/kind", "Status");
            (await server.MergeAsync(Classes, "{}")).Is(400, 404, 405, 415).Has("/kind", "Status");
        },
        ["a body of another media type is 415"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes })
                (await server.SendAsync(HttpMethod.Post, collection, "name: x", "text/plain")).IsRefused(415, "UnsupportedMediaType", "accepted media types include", "application/json");
        },
        ["a patch of another media type is 415"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.SendAsync(HttpMethod.Patch, $"{Classes}/{made.Name}", "{}", "application/json")).IsRefused(415, "UnsupportedMediaType", "application/merge-patch+json");
            var node = await server.MakeAsync(Nodes);
            // A built-in kind's router refuses it, in words of its own.
            (await server.SendAsync(HttpMethod.Patch, $"{Nodes}/{node.Name}", "{}", "application/json")).IsRefused(415, "UnsupportedMediaType");
        },
        ["an answer that it cannot write is 406"] = async server =>
            (await server.GetAsync(Classes, "text/html;level=1")).IsRefused(406, "NotAcceptable", "only the following media types are accepted", "application/json"),
        ["any answer will do where the client says so"] = async server =>
        {
            foreach (var accept in new[] { "*/*", "application/*", "text/plain, application/json", "application/yaml;q=0, application/json" }.Take(3))
            {
                var answer = (await server.GetAsync(Classes, accept)).Is(200);
                answer.Holds(answer.ContentType == "application/json", "application/json");
            }
        },
        ["a body that is no JSON is 400"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes })
                (await server.PostAsync(collection, "{'apiVersion':")).IsRefused(400, "BadRequest");
        },
        ["an empty body is 400"] = async server =>
            (await server.PostAsync(Classes, "")).IsRefused(400, "BadRequest"),
        ["a body that is no object is 400"] = async server =>
        {
            foreach (var body in new[] { "[]", "1", "'text'", "null" })
                (await server.PostAsync(Classes, body)).IsRefused(400, "BadRequest");
        },
        ["a field of another type in a built-in kind is 400"] = async server =>
            (await server.PostAsync(Nodes, server.Body(Nodes, server.NewName(), "'spec':{'unschedulable':'yes'}"))).IsRefused(400, "BadRequest"),
        ["a patch that is no JSON is refused"] = async server =>
        {
            // 500 on older servers.
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':")).Is(400, 500).Has("/kind", "Status");
            (await server.JsonPatchAsync($"{Classes}/{made.Name}", "[{'op':")).Is(400).Has("/kind", "Status");
            (await server.GetAsync($"{Classes}/{made.Name}")).Has("", made.Json);
        },
        ["a dry run of a kind that is none is refused"] = async server =>
            (await server.PostAsync($"{Classes}?dryRun=Some", server.Body(Classes, server.NewName(), ""))).IsInvalid("dryRun", "Unsupported value"),
        ["a query that nobody knows is let through, as new clients send it to old servers"] = async server =>
            (await server.PostAsync($"{Classes}?fieldValidation=Warn&somethingNew=1", server.Body(Classes, server.NewName(), ""))).Is(201),
        ["a body beyond all bounds is refused"] = async server =>
        {
            var answer = await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", $"'annotations':{{'a':'{new string('x', 4 * 1024 * 1024)}'}}"));
            answer.Is(400, 413, 422).Has("/kind", "Status");
        },
        ["annotations together are at most 256 KiB"] = async server =>
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", $"'annotations':{{'a':'{new string('x', 257 * 1024)}'}}")))
                .IsInvalid("metadata.annotations", "must have at most 262144 bytes"),
    };
}
