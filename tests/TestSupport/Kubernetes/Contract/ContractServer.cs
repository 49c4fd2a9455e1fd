using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>The server as one case sees it: requests, names of its own, and the removal of what it made.</summary>
public sealed class ContractServer(HttpClient http, string prefix, CancellationToken cancellationToken) : IAsyncDisposable
{
    /// <summary>The user agent of all requests; the part before the slash is the field manager where none is given.</summary>
    public const string UserAgent = "contract-agent/1";

    private readonly List<string> made = [];
    private readonly Queue<string> journal = new();
    private string? ownNamespace;
    private int names;

    /// <summary>Cancelled when the case has taken too long.</summary>
    public CancellationToken Token => cancellationToken;

    /// <summary>The last requests with their status, for people.</summary>
    public string Journal => string.Join('\n', journal);

    /// <summary>The label value that all objects of this case may carry: see <see cref="Labels"/>.</summary>
    public string Prefix => prefix;

    /// <summary>A label that only this case uses, as JSON.</summary>
    public string Labels => $"'contract':'{prefix}'";

    /// <summary>A selector for <see cref="Labels"/>, as a query.</summary>
    public string Mine => $"labelSelector=contract%3D{prefix}";

    /// <summary>A name that no other case and no other run uses.</summary>
    public string NewName() => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{++names:d2}");

    /// <summary>Sends a request; in bodies ' stands for ".</summary>
    public async Task<ContractAnswer> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json", string? accept = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.UserAgent.ParseAdd(UserAgent);
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json");
        body = body?.Replace('\'', '"');
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = new ContractAnswer(
            $"{method} {path} ({contentType}) {body}",
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType ?? "",
            await response.Content.ReadAsStringAsync(cancellationToken));
        Note(method, path, answer.Code);
        return answer;
    }

    /// <summary>GET.</summary>
    public Task<ContractAnswer> GetAsync(string path, string? accept = null) => SendAsync(HttpMethod.Get, path, accept: accept);

    /// <summary>POST; what it makes is removed after the case.</summary>
    public async Task<ContractAnswer> PostAsync(string path, string body)
    {
        var answer = await SendAsync(HttpMethod.Post, path, body);
        if (answer.Code == 201 && answer.At("/metadata/name") is { } name)
            made.Add($"{path.Split('?')[0]}/{name}");
        return answer;
    }

    /// <summary>PUT.</summary>
    public Task<ContractAnswer> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, body);

    /// <summary>PATCH with a JSON merge patch (RFC 7386).</summary>
    public Task<ContractAnswer> MergeAsync(string path, string body) => SendAsync(HttpMethod.Patch, path, body, "application/merge-patch+json");

    /// <summary>PATCH with a JSON patch (RFC 6902).</summary>
    public Task<ContractAnswer> JsonPatchAsync(string path, string body) => SendAsync(HttpMethod.Patch, path, body, "application/json-patch+json");

    /// <summary>PATCH with a strategic merge patch.</summary>
    public Task<ContractAnswer> StrategicAsync(string path, string body) => SendAsync(HttpMethod.Patch, path, body, "application/strategic-merge-patch+json");

    /// <summary>Server-side apply.</summary>
    public async Task<ContractAnswer> ApplyAsync(string path, string body, string manager, bool force = false)
    {
        var query = (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + $"fieldManager={manager}{(force ? "&force=true" : "")}";
        var answer = await SendAsync(HttpMethod.Patch, path + query, body, "application/apply-patch+yaml");
        if (answer.Code == 201)
            made.Add(path.Split('?')[0]);
        return answer;
    }

    /// <summary>DELETE, with options if given.</summary>
    public Task<ContractAnswer> DeleteAsync(string path, string? options = null) => SendAsync(HttpMethod.Delete, path, options);

    /// <summary>Follows a collection; the query starts with <c>?watch=true</c>.</summary>
    public async Task<ContractWatch> WatchAsync(string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.UserAgent.ParseAdd(UserAgent);
        request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json");
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Note(HttpMethod.Get, path, (int)response.StatusCode);
        return new(response, $"GET {path}", cancellationToken);
    }

    /// <summary>Makes an object, or fails: metadata with a new name (or the given one) and the case's label, and these further fields.</summary>
    public async Task<ContractAnswer> MakeAsync(string collection, string fields = "", string? name = null, string metadata = "") =>
        (await PostAsync(collection, Body(collection, name ?? NewName(), fields, metadata))).Is(201);

    /// <summary>The JSON of an object of a collection, with the case's label.</summary>
    public string Body(string collection, string name, string fields, string metadata = "")
    {
        var (version, kind) = KindOf(collection);
        if (fields.Length == 0)
            fields = kind switch
            {
                "VirtualNetwork" => $"'spec':{{'resourceId':'{NetworkId(name)}'}}",
                "NodeIpPool" => $"'spec':{{'nodeName':'{name}'}}",
                "Pod" => "'spec':{'containers':[{'name':'c','image':'registry.invalid/none'}]}",
                "Node" => "'spec':{}",
                "Namespace" => "'spec':{}",
                _ => "'spec':{}",
            };
        return $"{{'apiVersion':'{version}','kind':'{kind}','metadata':{{'name':'{name}','labels':{{{Labels}}}{Comma(metadata)}}}{Comma(fields)}}}";
    }

    /// <summary>The body of an apply: kind, name and these fields.</summary>
    public static string ApplyBody(string collection, string name, string fields)
    {
        var (version, kind) = KindOf(collection);
        return $"{{'apiVersion':'{version}','kind':'{kind}','metadata':{{'name':'{name}'}}{Comma(fields)}}}";
    }

    /// <summary>An ARM id of a virtual network.</summary>
    public static string NetworkId(string name) =>
        $"/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/contract/providers/Microsoft.Network/virtualNetworks/{name}";

    /// <summary>A namespace of this case, ready for pods.</summary>
    public async Task<string> NamespaceAsync()
    {
        if (ownNamespace is not null)
            return ownNamespace;
        var name = (await MakeAsync(Namespaces)).Name;
        // Where service accounts are admitted, pods wait for the namespace's own; a pod without containers never gets in.
        await EventuallyAsync(() => PostAsync(Pods(name), Body(Pods(name), $"{prefix}-probe", "'spec':{}")), answer => answer.Code != 403, "the namespace takes pods");
        return ownNamespace = name;
    }

    /// <summary>Asks again until the answer is as wanted; fails with the last answer when the case's time is up.</summary>
    public async Task<ContractAnswer> EventuallyAsync(Func<Task<ContractAnswer>> ask, Func<ContractAnswer, bool> holds, string promise)
    {
        var end = Environment.TickCount64 + 20_000;
        for (var pause = 10; ; pause = Math.Min(200, pause * 2))
        {
            var answer = await ask();
            if (holds(answer))
                return answer;
            if (Environment.TickCount64 > end)
                throw answer.Broken($"after 20 s: {promise}", "it is not so");
            await Task.Delay(pause, cancellationToken);
        }
    }

    /// <summary>Waits until a CRD is established and its objects are served.</summary>
    public async Task EstablishedAsync(string crd)
    {
        var answer = await EventuallyAsync(
            () => GetAsync($"{Crds}/{crd}"),
            a => a.Is(200).At("/status/conditions") is JsonArray conditions && conditions.Any(c => (string?)c!["type"] == "Established" && (string?)c["status"] == "True"),
            "the CRD is Established");
        var path = $"/apis/{answer.Text("/spec/group")}/{answer.Text("/spec/versions/0/name")}/{answer.Text("/spec/names/plural")}";
        await EventuallyAsync(() => GetAsync(path), a => a.Code == 200, "the CRD's objects are served");
    }

    /// <summary>Removes what the case made, the last first.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        foreach (var path in Enumerable.Reverse(made).Where(path => !path.StartsWith($"{Crds}/", StringComparison.Ordinal) || !path.EndsWith(".vnetcni.dev", StringComparison.Ordinal)))
        {
            using var answer = await http.DeleteAsync(new Uri($"{path}?gracePeriodSeconds=0&propagationPolicy=Background", UriKind.Relative), limit.Token);
            if (!answer.IsSuccessStatusCode || path.StartsWith($"{Namespaces}/", StringComparison.Ordinal))
                continue;
            using var free = new StringContent("{\"metadata\":{\"finalizers\":null}}", Encoding.UTF8, "application/merge-patch+json");
            if ((await answer.Content.ReadAsStringAsync(limit.Token)).Contains("\"finalizers\"", StringComparison.Ordinal))
                (await http.PatchAsync(new Uri(path, UriKind.Relative), free, limit.Token)).Dispose();
        }
    }

    internal static string Comma(string fields) => fields.Length == 0 ? "" : "," + fields;

    private static (string Version, string Kind) KindOf(string collection) => collection.Split('?')[0].Split('/')[^1] switch
    {
        "nodeippoolclasses" => ("vnetcni.dev/v1alpha1", "NodeIpPoolClass"),
        "nodeippools" => ("vnetcni.dev/v1alpha1", "NodeIpPool"),
        "virtualnetworks" => ("vnetcni.dev/v1alpha1", "VirtualNetwork"),
        "nodes" => ("v1", "Node"),
        "pods" => ("v1", "Pod"),
        "namespaces" => ("v1", "Namespace"),
        "events" => ("v1", "Event"),
        "leases" => ("coordination.k8s.io/v1", "Lease"),
        var other => throw new ArgumentException($"unknown collection {other}", nameof(collection)),
    };

    private void Note(HttpMethod method, string path, int code)
    {
        if (journal.Count == 20)
            journal.Dequeue();
        journal.Enqueue($"{method} {path}: {code}");
    }
}
