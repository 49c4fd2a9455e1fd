using System.Collections;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>The cases of one area, by name.</summary>
internal sealed class ContractCases(string area) : IEnumerable<ContractCase>
{
    private readonly List<ContractCase> cases = [];

    /// <summary>Adds a case.</summary>
    public Func<ContractServer, Task> this[string name]
    {
        set => cases.Add(new($"{area}: {name}", value));
    }

    public IEnumerator<ContractCase> GetEnumerator() => cases.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
