using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>Keeps the soak's picture of ARM's addresses.</summary>
internal static class ArmFollower
{
    /// <summary>Follows until cancelled or ARM has ended.</summary>
    public static async Task RunAsync(SoakContext soak, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(soak, Math.Max(1, soak.Arm.Version), stop);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                if (stop.IsCancellationRequested || soak.Lab.Arm.HasExited)
                    return;
            }
        }
    }

    /// <summary>Takes in the list above a version; of 0, the one of now. Gives it too.</summary>
    public static async Task<IReadOnlyList<ArmAddress>> ReadAsync(SoakContext soak, long since, CancellationToken cancellationToken)
    {
        var (version, list) = Parse(await soak.Lab.Arm.ListAsync(since, cancellationToken));
        soak.Arm.Apply(version, list);
        return list;
    }

    /// <summary>Reads the simulator's answer.</summary>
    public static (long Version, IReadOnlyList<ArmAddress> Addresses) Parse(JsonNode answer) =>
    (
        answer["version"]!.GetValue<long>(),
        [
            .. answer["addresses"]!.AsArray().Select(entry => new ArmAddress(
                entry!["address"]!.GetValue<string>(),
                entry["mac"]!.GetValue<string>().Replace('-', ':').ToLower(CultureInfo.InvariantCulture),
                entry["ipConfiguration"]!.GetValue<string>(),
                entry["primary"]!.GetValue<bool>(),
                entry["state"]!.GetValue<string>())),
        ]);
}
