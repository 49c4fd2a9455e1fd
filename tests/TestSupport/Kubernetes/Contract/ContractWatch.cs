using System.Text;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>A running watch: the events as they come.</summary>
public sealed class ContractWatch(HttpResponseMessage response, string request, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly StringBuilder seen = new();
    private StreamReader? reader;

    /// <summary>HTTP status.</summary>
    public int Code => (int)response.StatusCode;

    /// <summary>The whole answer, for a watch that was refused.</summary>
    public async Task<ContractAnswer> RefusalAsync() =>
        new(request, Code, response.Content.Headers.ContentType?.MediaType ?? "", await response.Content.ReadAsStringAsync(cancellationToken));

    /// <summary>The next event, or null at the stream's end.</summary>
    public async Task<ContractAnswer?> NextAsync()
    {
        reader ??= new(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        var line = await reader.ReadLineAsync(cancellationToken);
        if (line is null)
            return null;
        seen.AppendLine(line);
        return new($"{request}, after these events:\n{seen}", Code, response.Content.Headers.ContentType?.MediaType ?? "", line);
    }

    /// <summary>The next event, which must have this type (and object's name).</summary>
    public async Task<ContractAnswer> NextAsync(string type, string? name = null)
    {
        var next = await NextAsync() ?? throw new KubeContractException($"expected {type} {name}, got the end of the stream\nrequest: {request}\nevents:\n{seen}");
        next.Has("/type", type);
        return name is null ? next : next.Has("/object/metadata/name", name);
    }

    /// <summary>All events to the stream's end, as "TYPE name".</summary>
    public async Task<IReadOnlyList<string>> RestAsync()
    {
        var all = new List<string>();
        while (await NextAsync() is { } next)
            all.Add($"{(string?)next.At("/type")} {(string?)next.At("/object/metadata/name")}".TrimEnd());
        return all;
    }

    public ValueTask DisposeAsync()
    {
        reader?.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
