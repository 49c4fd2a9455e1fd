using Vnetcni.ArmSimulator.Core;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.Azure;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.Azure;

/// <summary>Azure Resource Manager as one operator process has it. What was sent arrives, even if its sender is killed.</summary>
internal sealed class SimArm(SimulatedArm arm, SimProcess process, Weather weather, Copies copies, SimTimeline timeline, InventoryBeforeMutation inventory) : IArm
{
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        var what = $"{process.Name} ARM {request.Method} {Short(request.PathAndQuery)}";
        try
        {
            var response = await process.CallAsync(() => DeliverAsync(request, what), cancellationToken);
            if (request.Method == "GET" && response.Status == 200)
                timeline.AddMinor($"{what} -> 200");
            else
                timeline.Add($"{what} -> {response.Status}");
            return SimulatorAnswer.Of(response);
        }
        catch (SimConnectionDroppedException)
        {
            timeline.Add($"{what} -> no answer");
            throw;
        }
    }

    private async Task<SimResponse> DeliverAsync(ArmRequest request, string what)
    {
        if (process.Place.IsCutFromArm)
        {
            await weather.PassAsync(1, 5);
            throw new SimConnectionDroppedException();
        }

        if (request.Method != "GET" && inventory.Changes($"{request.Method} {Short(request.PathAndQuery)}") is { } early)
            timeline.Fault(early);
        var copy = request.Body.ToArray();
        var headers = request.IfMatch is { } tag ? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["If-Match"] = tag } : [];
        if (request.Method != "GET" && weather.Happens(weather.Rates.OperatorDies))
        {
            timeline.Add($"{what} is the last that it sends");
            process.Kill();
        }

        var late = request.Method != "GET" && weather.Happens(weather.Rates.ArmWriteLate);
        await weather.PassAsync(0.005, late ? 30 : 0.1);
        var response = await SendAsync();
        if (request.Method != "GET")
            copies.Maybe(weather.Rates.ArmWriteTwice, 30, what, async () => $"{(await SendAsync()).Status}");
        return process.Place.IsCutFromArm ? throw new SimConnectionDroppedException() : response;

        Task<SimResponse> SendAsync() =>
            arm.HandleAsync(new SimRequest(request.Method, request.PathAndQuery) { Body = copy, Headers = headers }, CancellationToken.None);
    }

    private static string Short(string path)
    {
        var end = path.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? at : path.Length;
        var parts = path[..end].Split('/');
        return string.Join('/', parts.TakeLast(2));
    }
}
