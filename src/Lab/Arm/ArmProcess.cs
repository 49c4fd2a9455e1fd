using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Arm;

/// <summary>The ARM simulator as a process of its own, and its admin API.</summary>
internal sealed class ArmProcess : IAsyncDisposable
{
    private readonly Daemon _daemon;
    private readonly HttpClient _admin;

    private ArmProcess(Daemon daemon, JsonNode ready)
    {
        _daemon = daemon;
        Endpoint = new Uri(ready["armUri"]!.GetValue<string>());
        Certificate = ready["certificate"]!.GetValue<string>();
        _admin = new HttpClient { BaseAddress = new Uri(ready["adminUri"]!.GetValue<string>()), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Base URL of ARM, https.</summary>
    public Uri Endpoint { get; }

    /// <summary>PEM file to pin.</summary>
    public string Certificate { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _daemon.HasExited;

    /// <summary>
    /// Starts it with the lab's resources and waits until it listens: on loopback, or <paramref name="forNodes"/> where the nodes reach
    /// it, at <see cref="VNetFabric.HostAddress"/>.
    /// </summary>
    public static async Task<ArmProcess> StartAsync(LabAzure azure, string folder, CancellationToken cancellationToken, ulong seed = 1, bool forNodes = false)
    {
        var scenario = Path.Combine(folder, "arm-scenario.json");
        var ready = Path.Combine(folder, "arm-ready.json");
        await File.WriteAllTextAsync(scenario, Scenario(azure).ToJsonString(), cancellationToken);
        var daemon = Daemon.Start(
            "arm", Path.Combine(folder, "arm.log"), null, LabPrograms.Of("ArmSimulator"),
            [
                "--scenario", scenario, "--ready-file", ready, "--cert-out", Path.Combine(folder, "arm.pem"),
                "--san", VNetFabric.HostAddress.ToString(), "--arm-port", "0", "--admin-port", "0", "--imds-port", "0", "--latency-scale", "0.1",
                "--seed", seed.ToString(CultureInfo.InvariantCulture), "--bind", forNodes ? VNetFabric.HostAddress.ToString() : "127.0.0.1",
            ]);
        var start = TimeProvider.System.GetTimestamp();
        while (!File.Exists(ready))
        {
            if (daemon.HasExited || TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
                throw new ShellException($"the ARM simulator does not listen:\n{daemon.Tail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        return new ArmProcess(daemon, JsonNode.Parse(await File.ReadAllTextAsync(ready, cancellationToken))!);
    }

    /// <summary>Address → MAC of the NIC that owns it (colons, lower case); waits for a version above <paramref name="since"/>.</summary>
    public async Task<(long Version, IReadOnlyDictionary<string, string> Owners)> AddressesAsync(long since, CancellationToken cancellationToken)
    {
        var answer = await GetAsync($"_sim/addresses?since={since}&timeout=20", cancellationToken);
        var owners = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in answer["addresses"]!.AsArray())
            owners[entry!["address"]!.GetValue<string>()] = entry["mac"]!.GetValue<string>().Replace('-', ':').ToLowerInvariant();
        return (answer["version"]!.GetValue<long>(), owners);
    }

    /// <summary>Every address as the simulator lists it, with a version that grows by one with each change; waits for one above <paramref name="since"/>.</summary>
    public Task<JsonNode> ListAsync(long since, CancellationToken cancellationToken) =>
        GetAsync($"_sim/addresses?since={since}&timeout={(since > 0 ? 20 : 0)}", cancellationToken);

    /// <summary>Adds a fault rule, in the words of docs/arm-simulator.md; its number.</summary>
    public async Task<int> AddFaultAsync(JsonObject fault, CancellationToken cancellationToken)
    {
        using var answer = await _admin.PostAsJsonAsync("_sim/faults", fault, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["id"]!.GetValue<int>();
    }

    /// <summary>How often each fault fired.</summary>
    public async Task<JsonArray> FaultsAsync(CancellationToken cancellationToken) => (await GetAsync("_sim/faults", cancellationToken)).AsArray();

    /// <summary>The last requests, oldest first, one line each.</summary>
    public async Task<IReadOnlyList<string>> JournalAsync(CancellationToken cancellationToken) =>
        [.. (await GetAsync("_sim/journal", cancellationToken)).AsArray().Select(entry => entry!.ToJsonString())];

    /// <summary>Removes one fault rule, or all.</summary>
    public async Task RemoveFaultsAsync(int? id, CancellationToken cancellationToken)
    {
        using var answer = await _admin.DeleteAsync(new Uri(id is { } number ? $"_sim/faults?id={number}" : "_sim/faults", UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Broken invariants, one line each.</summary>
    public async Task<IReadOnlyList<string>> InvariantsAsync(CancellationToken cancellationToken) =>
        [.. (await GetAsync("_sim/invariants", cancellationToken))["violations"]!.AsArray().Select(v => v!.ToJsonString())];

    /// <summary>Deallocates a VM, as <c>az vm deallocate</c> does: its NIC keeps its addresses.</summary>
    public Task DeallocateAsync(string vm, CancellationToken cancellationToken) => PowerAsync(vm, "deallocated", cancellationToken);

    /// <summary>Starts a deallocated VM, as <c>az vm start</c> does.</summary>
    public Task StartVmAsync(string vm, CancellationToken cancellationToken) => PowerAsync(vm, "running", cancellationToken);

    /// <summary>What ARM was asked, in words.</summary>
    public async Task<string> CountersAsync(CancellationToken cancellationToken)
    {
        var totals = (await GetAsync("_sim/counters", cancellationToken))["totals"]!.AsObject();
        return "ARM: " + string.Join(", ", totals.Select(total => string.Create(CultureInfo.InvariantCulture, $"{total.Value} {total.Key}")));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _daemon.DisposeAsync();
    }

    private async Task PowerAsync(string vm, string state, CancellationToken cancellationToken)
    {
        using var answer = await _admin.PutAsync(new Uri($"_sim/power?vm={Uri.EscapeDataString(vm)}&state={state}", UriKind.Relative), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static JsonObject Scenario(LabAzure azure) => new()
    {
        ["subscription"] = LabAzure.Subscription,
        ["resourceGroup"] = LabAzure.ResourceGroup,
        ["vnets"] = new JsonArray(new JsonObject
        {
            ["name"] = LabAzure.VNet,
            ["addressPrefixes"] = new JsonArray(LabAzure.VNetCidr),
            ["subnets"] = new JsonArray(new JsonObject { ["name"] = LabAzure.Subnet, ["addressPrefix"] = LabAzure.SubnetCidr }),
        }),
        ["vms"] = new JsonArray([.. azure.Machines.Select(m => new JsonObject { ["name"] = m.Name, ["vmId"] = m.VmId })]),
        ["nics"] = new JsonArray([.. azure.Machines.Select(m => new JsonObject
        {
            ["name"] = m.Nic,
            ["subnet"] = $"{LabAzure.VNet}/{LabAzure.Subnet}",
            ["vm"] = m.Name,
            ["mac"] = m.Mac.Replace(':', '-').ToUpperInvariant(),
            ["address"] = m.Address,
        })]),
    };

    private async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        await _admin.GetFromJsonAsync<JsonNode>(path, cancellationToken) ?? throw new ShellException($"{path} answered nothing");
}
