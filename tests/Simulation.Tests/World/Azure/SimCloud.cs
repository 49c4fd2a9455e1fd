using System.Globalization;
using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.Simulation.Tests.World.Nodes;
using Vnetcni.TestSupport.Azure;

namespace Vnetcni.Simulation.Tests.World.Azure;

/// <summary>Azure as the simulation has it: one virtual network, one subnet, a VM with one NIC per node, of the kind that the options say.</summary>
internal sealed class SimCloud
{
    private const string NicRoute = "networkInterfaces/{name}";
    private const string InstanceRoute = "virtualMachineScaleSets/{name}/virtualMachines/{id}";
    // Numbers of instances are given again, but not soon: a write to one that is gone must not reach the next.
    private const int NumbersPerIncarnation = 16;
    private readonly SimOptions options;
    private readonly Dictionary<int, int> incarnations = [];
    private readonly SimTimeline timeline;
    private readonly int prefixLength;
    private readonly HandTaken takenByHand;

    public SimCloud(SimTimeline timeline, TimeProvider time, ulong seed, SimOptions options)
    {
        (this.timeline, this.options) = (timeline, options);
        takenByHand = new HandTaken(time);
        prefixLength = int.Parse(options.Subnet.Split('/')[1], CultureInfo.InvariantCulture);
        Arm = new SimulatedArm(time, seed, new SimSettings
        {
            ConcurrentPut = options.ConcurrentPut,
            Assignment = options.Assignment,
            FreedAddresses = options.FreedAddresses,
            ModelFollowing = options.ModelFollowing,
            EtagChangesOnCompletion = options.EtagChangesOnCompletion,
            Latency = new LatencySettings
            {
                AttachedMedianSeconds = 2,
                AttachedP99Seconds = 15,
                ScaleSetMedianSeconds = 4,
                ScaleSetP99Seconds = 25,
                RequestSeconds = 0.1,
            },
        });
        Scenario = new Scenario
        {
            Vnets = [new ScenarioVnet("vnet", ["10.0.0.0/16"], [new ScenarioSubnet("nodes", options.Subnet)])],
            ScaleSets = [new ScenarioScaleSet(NodeNames.UniformSet)],
            Vms = [.. Enumerable.Range(1, options.Nodes).Select(i => Vm(i, VmId(i, 0)))],
            Nics = [.. Enumerable.Range(1, options.Nodes).Select(i => Nic(i, Mac(i, 0)))],
        };
        Arm.Seed(Scenario);
    }

    private static string GroupId { get; } = new Scenario() is var made ? $"/subscriptions/{made.Subscription}/resourceGroups/{made.ResourceGroup}" : string.Empty;

    public SimulatedArm Arm { get; }

    public Scenario Scenario { get; }

    public AddressSnapshot Addresses => Arm.Addresses;

    /// <summary>Addresses of the subnet that pods can have: Azure keeps five, others have some.</summary>
    public int Room => (1 << (32 - prefixLength)) - 5 - Addresses.Addresses.Count(entry => !IsOurs(entry));

    /// <summary>Whether a person took an address from an interface.</summary>
    public bool WasTakenByHand(string nic, string address) => takenByHand.Contains(nic, address);

    public void TakeByHand(string nic, string address) => takenByHand.Add(nic, address);

    /// <summary>See <see cref="HandTaken.Forgive"/>.</summary>
    public bool Forgive(string nic, string address, bool isKept) => takenByHand.Forgive(nic, address, isKept);

    /// <summary>Makes a node's VM and its interface; false while the subnet has no address for it.</summary>
    public bool TryBuild(SimNode node)
    {
        try
        {
            Arm.Seed(Scenario with { Vnets = [], ScaleSets = [], Vms = [Vm(node.Number, node.VmId)], Nics = [] });
        }
        catch (ScenarioException)
        {
            // It stands already; the interface was what failed.
            timeline.AddMinor($"vm-{node.Number} stands");
        }

        try
        {
            Arm.Seed(Scenario with { Vnets = [], ScaleSets = [], Vms = [], Nics = [Nic(node.Number, node.Mac)] });
            return true;
        }
        catch (ScenarioException e)
        {
            timeline.Add($"nic-{node.Number} can't be made: {e.Message}");
            return false;
        }
    }

    public static string VmId(int number, int incarnation) => $"00000000-0000-4000-8000-00000000{incarnation:x2}{number:x2}";

    /// <summary>Lower case with colons.</summary>
    public static string Mac(int number, int incarnation) => $"00:0d:3a:00:{incarnation:x2}:{number:x2}";

    /// <summary>ARM id of the VM that a node is now.</summary>
    public string VmResource(int number) => Names(number).VmId(VmName(number));

    /// <summary>ARM id of its interface.</summary>
    public string NicResource(int number) => Names(number).NicId(VmName(number), $"nic-{number}");

    public bool IsUniform(int number) => options.KindOf(number) == NodeKind.Uniform;

    /// <summary>The next VM of this node is another one: of a uniform scale set under another number.</summary>
    public void BeAnother(int number) => incarnations[number] = incarnations.GetValueOrDefault(number) + 1;

    public static bool IsOurs(AddressEntry entry) => entry.IpConfiguration.StartsWith("vnetcni-", StringComparison.OrdinalIgnoreCase);

    public void AddFaults(FaultRates rates)
    {
        Add(FaultKind.DropAfterCommit, null, rates.ArmAnswerLost);
        Add(FaultKind.DropBeforeCommit, null, rates.ArmRefused / 4);
        Add(FaultKind.FailOperation, "PUT", rates.ArmOperationFails / 3);
        Add(FaultKind.FailOperation, "PUT", rates.ArmOperationFails / 3, withoutEffect: true);
        Add(FaultKind.CancelOperation, "PUT", rates.ArmOperationFails / 3);
        Add(FaultKind.ForeignWrite, "PUT", rates.ForeignWrite);
        if (HasUniform && rates.ArmOperationFails > 0)
        {
            Add(InstanceRoute, FaultKind.NoEffect, "PUT", rates.ArmOperationFails / 2, withoutEffect: false);
            Add(InstanceRoute, FaultKind.NoEffect, "PUT", rates.ArmOperationFails / 2, withoutEffect: true);
        }

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

    private ScenarioVm Vm(int number, string vmId) => new(VmName(number)) { VmId = vmId, VmScaleSet = Names(number).FlexSetId };

    private ScenarioNic Nic(int number, string mac) => new($"nic-{number}", "vnet/nodes")
    {
        Vm = VmName(number),
        Mac = mac.Replace(':', '-').ToUpperInvariant(),
        // Of another tool: must stay as it is.
        Secondary = new Dictionary<string, string?>(StringComparer.Ordinal) { ["other-tool"] = null },
    };

    private string VmName(int number) => Names(number).Vm($"vm-{number}", number + (NumbersPerIncarnation * incarnations.GetValueOrDefault(number)));

    // The defaults of a scenario: it is made with these names.
    private NodeNames Names(int number) => new(options.KindOf(number), GroupId);

    private void Add(FaultKind kind, string? method, double chance, bool withoutEffect = false)
    {
        if (chance <= 0)
            return;
        Add(NicRoute, kind, method, chance, withoutEffect);
        if (HasUniform)
            Add(InstanceRoute, kind, method, chance, withoutEffect);
    }

    private bool HasUniform => Enumerable.Range(1, options.Nodes).Any(IsUniform);

    private void Add(string route, FaultKind kind, string? method, double chance, bool withoutEffect) => Arm.AddFault(
        new Fault { Kind = kind, Method = method, Route = route, Probability = chance, Code = "InternalOperationFailed", WithoutEffect = withoutEffect });
}
