using System.Globalization;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Soak.Plan;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>Kills agents and operators and lets ARM storm, one after the other. Everything runs again when it ends.</summary>
internal sealed class Disturber(SoakContext soak, SoakPart part, Action<string> tell)
{
    private readonly DemoChecks _checks = new(soak.Lab);

    /// <summary>Runs until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        foreach (var disturbance in Disturbance.Draw(soak.Options.Seed, part, SoakOptions.Nodes, ArmFaults.Storms.Count))
        {
            try
            {
                await Task.Delay(disturbance.Wait, TimeProvider.System, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            await DisturbAsync(disturbance);
        }
    }

    private Task DisturbAsync(Disturbance disturbance) => disturbance.Kind switch
    {
        DisturbanceKind.KillAgent => KillAgentAsync(disturbance),
        DisturbanceKind.ArmStorm => StormAsync(disturbance),
        _ => KillOperatorAsync(disturbance),
    };

    private async Task KillAgentAsync(Disturbance disturbance)
    {
        var node = soak.Lab.Nodes[disturbance.Target];
        Tell($"kill -9 of the agent of {node.Name}", disturbance);
        soak.Calls.Note("agents killed");
        await node.KillAgentAsync();
        await Task.Delay(disturbance.Down, TimeProvider.System, CancellationToken.None);
        await soak.Lab.StartAgentAsync(node, CancellationToken.None);
    }

    private async Task KillOperatorAsync(Disturbance disturbance)
    {
        var leader = await _checks.LeaderAsync(CancellationToken.None);
        var standby = soak.Lab.Operators.FindIndex(o => !o.HasExited && o != soak.Lab.Operators[leader]);
        var victim = soak.Lab.Operators[disturbance.Kind == DisturbanceKind.KillLeader || standby < 0 ? leader : standby];
        Tell($"kill -9 of {victim.Name}, which {(victim == soak.Lab.Operators[leader] ? "leads" : "waits")}", disturbance);
        soak.Calls.Note("operators killed");
        await victim.KillAsync();
        await Task.Delay(disturbance.Down, TimeProvider.System, CancellationToken.None);
        lock (soak.Lab.Operators)
            soak.Lab.StartOperator();
    }

    private async Task StormAsync(Disturbance disturbance)
    {
        var (name, fault) = ArmFaults.Storms[disturbance.Target];
        var length = disturbance.Down + TimeSpan.FromSeconds(2);
        Tell(name, disturbance with { Down = length });
        soak.Calls.Note("storms of ARM's faults");
        var number = await soak.Lab.Arm.AddFaultAsync(fault, CancellationToken.None);
        await Task.Delay(length, TimeProvider.System, CancellationToken.None);
        var fired = (await soak.Lab.Arm.FaultsAsync(CancellationToken.None)).First(rule => rule!["id"]!.GetValue<int>() == number)!["fired"]!.GetValue<int>();
        soak.Calls.Note("faults of ARM", fired);
        await soak.Lab.Arm.RemoveFaultsAsync(number, CancellationToken.None);
    }

    private void Tell(string what, Disturbance disturbance) =>
        tell(string.Create(CultureInfo.InvariantCulture, $"{what}, for {disturbance.Down.TotalSeconds:0.0} s"));
}
