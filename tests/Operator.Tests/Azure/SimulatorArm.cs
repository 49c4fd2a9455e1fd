using Vnetcni.ArmSimulator.Core;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>The ARM simulator in memory, as the operator sees ARM.</summary>
internal sealed class SimulatorArm(SimulatedArm simulator) : IArm
{
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (request.IfMatch is not null)
            headers["If-Match"] = request.IfMatch;
        var answer = await simulator.HandleAsync(new SimRequest(request.Method, request.PathAndQuery) { Body = request.Body, Headers = headers }, cancellationToken);
        return SimulatorAnswer.Of(answer);
    }
}
