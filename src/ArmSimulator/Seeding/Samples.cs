namespace Vnetcni.ArmSimulator.Seeding;

/// <summary>Ready-made scenarios.</summary>
public static class Samples
{
    /// <summary>One VNet 10.100.0.0/16 with a /20 for nodes and pods, and three VMs node-1 to node-3 with a NIC each.</summary>
    public static Scenario ThreeNodes { get; } = new()
    {
        Vnets = [new ScenarioVnet("vnet", ["10.100.0.0/16"], [new ScenarioSubnet("nodes", "10.100.0.0/20")])],
        Vms = [new ScenarioVm("node-1"), new ScenarioVm("node-2"), new ScenarioVm("node-3")],
        Nics =
        [
            new ScenarioNic("node-1-nic", "vnet/nodes") { Vm = "node-1" },
            new ScenarioNic("node-2-nic", "vnet/nodes") { Vm = "node-2" },
            new ScenarioNic("node-3-nic", "vnet/nodes") { Vm = "node-3" },
        ],
    };
}
