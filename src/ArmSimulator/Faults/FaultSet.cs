using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Faults;

/// <summary>The fault rules in force, in the order they were added.</summary>
internal sealed class FaultSet(SimRandom random)
{
    private readonly List<Rule> _rules = [];
    private int _nextId = 1;

    public int Add(Fault fault)
    {
        if (fault.Probability is < 0 or > 1 || double.IsNaN(fault.Probability))
            throw new ArgumentException("A fault's probability is between 0 and 1.", nameof(fault));
        if (fault.Status is < 400 or > 599)
            throw new ArgumentException("A fault's status is between 400 and 599.", nameof(fault));
        if (fault.Count is < 0 || fault.Skip < 0 || fault.DelaySeconds is < 0 or > 86_400 || double.IsNaN(fault.DelaySeconds))
            throw new ArgumentException("A fault's count, skip and delay are not negative, and the delay is at most a day.", nameof(fault));
        if (fault.EverySeconds is null != fault.ForSeconds is null || fault.EverySeconds is not (null or (> 0 and < 1e9)) || fault.ForSeconds is not null and not (> 0 and < 1e9))
            throw new ArgumentException("A fault has both everySeconds and forSeconds, each above 0, or neither.", nameof(fault));
        if (fault.Kind is FaultKind.SlowBody or FaultKind.MetadataLag or FaultKind.Delay && fault.DelaySeconds <= 0)
            throw new ArgumentException($"A fault of the kind {fault.Kind} needs delaySeconds above 0.", nameof(fault));
        _rules.Add(new Rule(_nextId, fault));
        return _nextId++;
    }

    public bool Remove(int id) => _rules.RemoveAll(r => r.Id == id) > 0;

    public bool Any(FaultKind kind) => _rules.Exists(r => r.Fault.Kind == kind);

    public void Clear() => _rules.Clear();

    public IReadOnlyList<FaultStatus> List() => _rules.ConvertAll(static r => new FaultStatus(r.Id, r.Fault, r.Fired));

    /// <summary>The first rule of this kind that fires for the request, or null. A rule that fires is counted.</summary>
    public Fault? Take(FaultKind kind, string method, Route route, double now)
    {
        foreach (var rule in _rules)
        {
            if (rule.Fault.Kind == kind && Matches(rule.Fault, method, route, now) && rule.Fires(random))
                return rule.Fault;
        }

        return null;
    }

    private static bool Matches(Fault fault, string method, Route route, double now) =>
        MatchesMethod(fault, method)
        && (fault.Route is null || string.Equals(fault.Route, route.Template, StringComparison.OrdinalIgnoreCase))
        && (fault.Path is null || Glob.Matches(fault.Path, route.Path))
        && now >= fault.FromSeconds
        && (fault.UntilSeconds is not { } until || now < until)
        && (fault.EverySeconds is not { } every || (now - fault.FromSeconds) % every < fault.ForSeconds);

    private static bool MatchesMethod(Fault fault, string method) =>
        (fault.Method ?? (fault.Kind == FaultKind.ForeignWrite ? "PUT" : null)) is not { } wanted
        || string.Equals(wanted, method, StringComparison.OrdinalIgnoreCase);

    private sealed class Rule(int id, Fault fault)
    {
        private int _skipped;

        public int Id { get; } = id;

        public Fault Fault { get; } = fault;

        public int Fired { get; private set; }

        public bool Fires(SimRandom random)
        {
            if (Fault.Count is { } count && Fired >= count)
                return false;
            if (_skipped < Fault.Skip)
            {
                _skipped++;
                return false;
            }

            if (Fault.Probability < 1 && random.NextDouble() >= Fault.Probability)
                return false;
            Fired++;
            return true;
        }
    }
}
