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

    /// <summary>Starts it with the lab's resources and waits until it listens.</summary>
    public static async Task<ArmProcess> StartAsync(LabAzure azure, string folder, CancellationToken cancellationToken)
    {
        var scenario = Path.Combine(folder, "arm-scenario.json");
        var ready = Path.Combine(folder, "arm-ready.json");
        await File.WriteAllTextAsync(scenario, Scenario(azure).ToJsonString(), cancellationToken);
        var daemon = Daemon.Start(
            "arm", Path.Combine(folder, "arm.log"), null, LabPrograms.Of("ArmSimulator"),
            [
                "--scenario", scenario, "--ready-file", ready, "--cert-out", Path.Combine(folder, "arm.pem"),
                "--san", VNetFabric.HostAddress.ToString(), "--arm-port", "0", "--admin-port", "0", "--imds-port", "0", "--latency-scale", "0.1",
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

    /// <summary>Broken invariants, one line each.</summary>
    public async Task<IReadOnlyList<string>> InvariantsAsync(CancellationToken cancellationToken) =>
        [.. (await GetAsync("_sim/invariants", cancellationToken))["violations"]!.AsArray().Select(v => v!.ToJsonString())];

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
