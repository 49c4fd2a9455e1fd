using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Vnetcni.Architecture.Tests;

/// <summary>Rules inside the assemblies, by namespace.</summary>
public class TypeRuleTests
{
    private static readonly ArchUnitNET.Domain.Architecture Product = new ArchLoader()
        .LoadAssemblies(ProductAssemblies.Names.Select(ProductAssemblies.Load).ToArray())
        .Build();

    [Fact]
    public void Azure_types_stay_in_the_Azure_folder_and_in_hosting() =>
        Types().That().ResideInAssembly(ProductAssemblies.Load("Vnetcni.Operator"))
            .And().DoNotResideInNamespaceMatching(@"^Vnetcni\.Operator\.(Azure|Hosting)")
            .Should().NotDependOnAny(Types(true).That().ResideInNamespaceMatching(@"^Azure\."))
            .WithoutRequiringPositiveResults()
            .Check(Product);

    [Theory]
    [InlineData("System.IO.File")]
    [InlineData("System.TimeProvider")]
    [InlineData("System.Random")]
    [InlineData("System.Threading.Tasks.Task")]
    [InlineData("System.Net.Sockets.Socket")]
    public void The_pure_core_has_no_clock_no_randomness_and_no_input_or_output(string type) =>
        Types().That().ResideInNamespaceMatching(@"^Vnetcni\.Ipam")
            .Should().NotDependOnAny(Types(true).That().HaveFullName(type))
            .WithoutRequiringPositiveResults()
            .Check(Product);
}
