using System.Globalization;
using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.Simulation.Tests.World.Azure;

/// <summary>Azure as the simulation has it: one virtual network, one subnet, a VM with one NIC per node.</summary>
internal sealed class SimCloud
{
    private const string NicRoute = "networkInterfaces/{name}";
    private readonly SimTimeline timeline;
    private readonly int prefixLength;

    public SimCloud(SimTimeline timeline, TimeProvider time, ulong seed, SimOptions options)
    {
        this.timeline = timeline;
        prefixLength = int.Parse(options.Subnet.Split('/')[1], CultureInfo.InvariantCulture);
        Arm = new SimulatedArm(time, seed, new SimSettings
        {
            ConcurrentPut = options.ConcurrentPut,
            Assignment = options.Assignment,
            Latency = new LatencySettings { AttachedMedianSeconds = 2, AttachedP99Seconds = 15, RequestSeconds = 0.1 },
        });
        Scenario = new Scenario
        {
            Vnets = [new ScenarioVnet("vnet", ["10.0.0.0/16"], [new ScenarioSubnet("nodes", options.Subnet)])],
            Vms = [.. Enumerable.Range(1, options.Nodes).Select(i => new ScenarioVm($"vm-{i}") { VmId = VmId(i) })],
            Nics = [.. Enumerable.Range(1, options.Nodes).Select(i => new ScenarioNic($"nic-{i}", "vnet/nodes")
            {
                Vm = $"vm-{i}",
                Mac = $"00-0D-3A-00-00-{i:X2}",
                // Of another tool: must stay as it is.
                Secondary = new Dictionary<string, string?>(StringComparer.Ordinal) { ["other-tool"] = null },
            })],
        };
        Arm.Seed(Scenario);
    }

    public SimulatedArm Arm { get; }

    public Scenario Scenario { get; }

    public AddressSnapshot Addresses => Arm.Addresses;

    /// <summary>Addresses of the subnet that pods can have: Azure keeps five, others have some.</summary>
    public int Room => (1 << (32 - prefixLength)) - 5 - Addresses.Addresses.Count(entry => !IsOurs(entry));

    public static string VmId(int number) => $"00000000-0000-4000-8000-0000000000{number:x2}";

    public string VmResource(int number) => Id($"Microsoft.Compute/virtualMachines/vm-{number}");

    public string NicResource(int number) => Id($"Microsoft.Network/networkInterfaces/nic-{number}");

    public static bool IsOurs(AddressEntry entry) => entry.IpConfiguration.StartsWith("vnetcni-", StringComparison.OrdinalIgnoreCase);

    public void AddFaults(FaultRates rates)
    {
        Add(FaultKind.DropAfterCommit, null, rates.ArmAnswerLost);
        Add(FaultKind.DropBeforeCommit, null, rates.ArmRefused / 4);
        Add(FaultKind.FailOperation, "PUT", rates.ArmOperationFails / 3);
        Add(FaultKind.FailOperation, "PUT", rates.ArmOperationFails / 3, withoutEffect: true);
        Add(FaultKind.CancelOperation, "PUT", rates.ArmOperationFails / 3);
        Add(FaultKind.ForeignWrite, "PUT", rates.ForeignWrite);
        foreach (var (status, code) in new[] { (429, "SubscriptionRequestsThrottled"), (500, "InternalServerError"), (503, "ServiceUnavailable") })
        {
            if (rates.ArmRefused > 0)
                Arm.AddFault(new Fault { Kind = FaultKind.Error, Status = status, Code = code, RetryAfter = status == 429 ? 3 : null, Probability = rates.ArmRefused / 3 });
        }
    }

    public void Heal() => Arm.ClearFaults();

    /// <summary>Marks every change of addresses in the timeline, those at the end of an operation included.</summary>
    public async Task FollowAsync()
    {
        for (var seen = 0L; ;)
        {
            var now = await Arm.WaitForAddressesAsync(seen, TimeSpan.FromHours(1), CancellationToken.None);
            if (now.Version == seen)
                continue;
            seen = now.Version;
            var counts = now.Addresses.GroupBy(entry => entry.Nic[(entry.Nic.LastIndexOf('/') + 1)..], StringComparer.Ordinal)
                .Select(nic => $"{nic.Key} {nic.Count(IsOurs)} ours ({nic.First().State})");
            timeline.Change($"ARM has {string.Join(", ", counts)}");
        }
    }

    private string Id(string rest) => $"/subscriptions/{Scenario.Subscription}/resourceGroups/{Scenario.ResourceGroup}/providers/{rest}";

    private void Add(FaultKind kind, string? method, double chance, bool withoutEffect = false)
    {
        if (chance > 0)
            Arm.AddFault(new Fault { Kind = kind, Method = method, Route = NicRoute, Probability = chance, Code = "InternalOperationFailed", WithoutEffect = withoutEffect });
    }
}
