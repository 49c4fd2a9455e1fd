using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Snat;

namespace Vnetcni.NodeAgent.Tests.Snat;

/// <summary>Egress rules in memory, and somebody who breaks them.</summary>
internal sealed class FakeEgress : IPodEgress
{
    private Action? _changed;
    private EgressRules? _kernel;

    public List<EgressRules> Applied { get; } = [];

    public int Checks { get; private set; }

    public int Failures { get; set; }

    public bool Stands => _kernel is not null;

    public void Flush(bool tell = true)
    {
        _kernel = null;
        if (tell)
            _changed?.Invoke();
    }

    public Task ApplyAsync(EgressRules rules, CancellationToken cancellationToken)
    {
        if (Failures-- > 0)
            return Task.FromException(new DataplaneException(DataplaneFault.Kernel, "refused"));
        Applied.Add(rules);
        _kernel = rules;
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        Checks++;
        return Task.FromResult<IReadOnlyList<string>>(Applied.Count > 0 && _kernel is null ? ["the table is gone"] : []);
    }

    public void Listen(Action changed) => _changed = changed;
}
