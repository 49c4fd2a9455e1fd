namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>All cases, by name.</summary>
public static class ContractSuite
{
    private static readonly IEnumerable<ContractCase>[] Areas =
    [
        Reading.Cases,
        Creating.Cases,
        Decoding.Cases,
        Updating.Cases,
        MergePatching.Cases,
        JsonPatching.Cases,
        StrategicPatching.Cases,
        Deleting.Cases,
        FinalizerCases.Cases,
        Generations.Cases,
        StatusSubresource.Cases,
        ServerSideApplying.Cases,
        FieldManagers.Cases,
        Schemas.Validation,
        Schemas.Defaulting,
        Schemas.Pruning,
        Selecting.Labels,
        Selecting.Fields,
        Selecting.Pages,
        Watching.Cases,
        Tables.Cases,
        Discovering.Cases,
        CrdLifecycle.Cases,
        BuiltInKinds.Events,
        BuiltInKinds.Leases,
        BuiltInKinds.Nodes,
        BuiltInKinds.Pods,
        BuiltInKinds.NamespaceCases,
        Refusing.Cases,
    ];

    /// <summary>The cases by name, in the order of their areas.</summary>
    public static IReadOnlyDictionary<string, ContractCase> Cases { get; } =
        Areas.SelectMany(area => area).ToDictionary(contractCase => contractCase.Name, StringComparer.Ordinal);
}
