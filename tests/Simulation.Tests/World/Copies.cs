using Vnetcni.ControllerRuntime.Api;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>Writes that arrive a second time, as a proxy or a transport that tries again sends them: the sender knows nothing of it, and may be dead.</summary>
internal sealed class Copies(Simulator simulator, Weather weather, SimTimeline timeline)
{
    /// <summary>Sends once more, now and then.</summary>
    /// <param name="chance">How often.</param>
    /// <param name="lateBy">How much later at most, in seconds.</param>
    /// <param name="what">For the timeline.</param>
    /// <param name="send">Sends; gives what became of it.</param>
    public void Maybe(double chance, double lateBy, string what, Func<Task<string>> send)
    {
        if (!weather.Happens(chance))
            return;
        _ = simulator.Spawn("copy", SendAsync, endless: true);

        async Task SendAsync()
        {
            await weather.PassAsync(0.01, lateBy);
            string became;
            try
            {
                became = await send();
            }
            catch (Exception e) when (e is KubeApiException or IOException)
            {
                became = e.Message;
            }

            timeline.Add($"{what} arrived once more: {became}");
        }
    }
}
