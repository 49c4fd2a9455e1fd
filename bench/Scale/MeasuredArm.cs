using Vnetcni.ArmSimulator.Core;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.Azure;

namespace Vnetcni.Scale;

/// <summary>The simulator as the operator sees ARM; notes when it was throttled.</summary>
internal sealed class MeasuredArm(SimulatedArm simulator, OperationClock clock, TimeProvider time) : IArm
{
    private readonly long began = time.GetTimestamp();

    /// <summary>When each 429 came.</summary>
    public List<TimeSpan> Throttled { get; } = [];

    /// <summary>When each write was sent.</summary>
    public List<TimeSpan> Writes { get; } = [];

    /// <summary>Calls by what they are about.</summary>
    public SortedDictionary<string, int> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>The slowest operation as a client sees it that asks no more often than Retry-After says, every two seconds without one.</summary>
    public TimeSpan SlowestSeen { get; private set; }

    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (request.IfMatch is not null)
            headers["If-Match"] = request.IfMatch;
        var answer = await simulator.HandleAsync(
            new SimRequest(request.Method, request.PathAndQuery) { Body = request.Body, Headers = headers }, cancellationToken);
        Count(request, answer);
        if (answer.Status == 429)
            Throttled.Add(time.GetElapsedTime(began));
        return SimulatorAnswer.Of(answer);
    }

    private void Count(ArmRequest request, SimResponse answer)
    {
        var path = request.PathAndQuery.Split('?')[0];
        var kind = path.Contains("/locations/", StringComparison.Ordinal) ? "poll"
            : path.EndsWith("/networkInterfaces", StringComparison.OrdinalIgnoreCase) || path.EndsWith("/virtualMachines", StringComparison.OrdinalIgnoreCase) ? "list"
            : path.Contains("/networkInterfaces/", StringComparison.OrdinalIgnoreCase) ? "interface"
            : path.Contains("/virtualMachines/", StringComparison.OrdinalIgnoreCase) ? "machine"
            : "network";
        kind = $"{request.Method} {kind}";
        Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;
        if (request.Method != "PUT")
            return;
        Writes.Add(time.GetElapsedTime(began));
        if (answer.Status is not (>= 200 and < 300))
            return;
        var every = SimulatorAnswer.Number(answer, "Retry-After") ?? 2;
        var seen = TimeSpan.FromSeconds(Math.Ceiling(clock.Last.TotalSeconds / every) * every);
        SlowestSeen = seen > SlowestSeen ? seen : SlowestSeen;
    }
}
