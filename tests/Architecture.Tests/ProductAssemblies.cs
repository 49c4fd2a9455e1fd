using System.Reflection;

namespace Vnetcni.Architecture.Tests;

/// <summary>The assemblies of src/, as they lie beside the tests.</summary>
internal static class ProductAssemblies
{
    public static readonly string[] Names =
    [
        "Vnetcni.Ipam", "Vnetcni.Api", "Vnetcni.AgentProtocol", "Vnetcni.Dataplane", "Vnetcni.ControllerRuntime",
        "Vnetcni.Operator", "Vnetcni.NodeAgent", "vnetcni", "Vnetcni.ArmSimulator", "Vnetcni.Lab",
    ];

    public static Assembly Load(string name) => Assembly.Load(new AssemblyName(name));
}
