using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.World.Processes;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Simulation.Tests.World.Kubernetes;

/// <summary>The way of one client to the API server: slow, lossy, its watches late.</summary>
internal static class KubeWeather
{
    public static KubeFaults For(Weather weather, SimPlace place) => new()
    {
        Before = (call, ct) => BeforeAsync(weather, place, call, ct),
        After = (call, ct) => AfterAsync(weather, place, call, ct),
        BeforeEvent = (call, ct) => BeforeEventAsync(weather, place, call, ct),
    };

    private static async Task BeforeAsync(Weather weather, SimPlace place, KubeCall call, CancellationToken cancellationToken)
    {
        var late = call.IsWrite && weather.Happens(weather.Rates.KubeWriteLate);
        await weather.PassAsync(0.001, late ? weather.Rates.KubeLateBy : weather.IsRough ? 0.3 : 0.02, cancellationToken);
        if (place.IsCutFromKube)
        {
            await weather.PassAsync(1, 5, cancellationToken);
            throw new IOException($"{call}: no way to the API server");
        }

        if (!weather.Happens(weather.Rates.KubeRefused))
            return;
        throw weather.Pick(3) switch
        {
            0 => new IOException($"{call}: connection refused"),
            1 => new KubeApiException(429, "TooManyRequests", "the server has received too many requests", TimeSpan.FromSeconds(1)),
            _ => new KubeApiException(500, "InternalError", "etcdserver: leader changed"),
        };
    }

    private static async Task AfterAsync(Weather weather, SimPlace place, KubeCall call, CancellationToken cancellationToken)
    {
        await weather.PassAsync(0.001, 0.02, cancellationToken);
        if (place.IsCutFromKube || weather.Happens(weather.Rates.KubeAnswerLost))
            throw new IOException($"{call}: the connection broke before the answer");
    }

    private static async Task BeforeEventAsync(Weather weather, SimPlace place, KubeCall call, CancellationToken cancellationToken)
    {
        var stalled = weather.Happens(weather.Rates.WatchStalled);
        await weather.PassAsync(0.001, stalled ? 20 : 0.05, cancellationToken);
        // Nobody tells a watch that its server is out of reach.
        while (place.IsCutFromKube)
            await weather.PassAsync(0.5, 2, cancellationToken);
        if (weather.Happens(weather.Rates.WatchDropped))
            throw new IOException($"{call}: the watch broke off");
    }
}
