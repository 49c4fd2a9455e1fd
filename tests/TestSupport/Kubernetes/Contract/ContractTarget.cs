using System.Globalization;
using System.Text.Json.Nodes;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>
/// An API server that the cases are held against; which one it is, no case knows. It may be in use by others: what the
/// cases make has names of their own and is removed, save the CRDs.
/// </summary>
/// <param name="http">Base address and credentials with all rights.</param>
/// <param name="run">A short text that no other run uses.</param>
public sealed class ContractTarget(HttpClient http, string run)
{
    private readonly SemaphoreSlim preparing = new(1);
    private bool prepared;
    private int cases;

    /// <summary>The longest that a case may take.</summary>
    public static TimeSpan CaseLimit => TimeSpan.FromSeconds(40);

    /// <summary>Runs one case and removes what it made.</summary>
    public async Task RunAsync(ContractCase contractCase, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(contractCase);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CaseLimit);
        await PrepareAsync(limit.Token);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"contract-{run}-{Interlocked.Increment(ref cases):d3}");
        await using var server = new ContractServer(http, prefix, limit.Token);
        try
        {
            await contractCase.RunAsync(server);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubeContractException($"not done within {CaseLimit.TotalSeconds:f0} s ({e.Message}); the last requests:\n{server.Journal}");
        }
    }

    // Our CRDs, unless the server has them.
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await preparing.WaitAsync(cancellationToken);
        try
        {
            if (prepared)
                return;
            await using var server = new ContractServer(http, $"contract-{run}", cancellationToken);
            foreach (var crd in ContractManifests.Crds())
            {
                var answer = await server.PostAsync(ContractPaths.Crds, crd.ToJsonString());
                if (answer.Code != 409)
                    answer.Is(201);
                await server.EstablishedAsync(Names(crd));
            }

            prepared = true;
        }
        finally
        {
            preparing.Release();
        }
    }

    private static string Names(JsonNode crd) => (string)crd["metadata"]!["name"]!;
}
