using CsCheck;
using Vnetcni.Ipam.Tests.Planning.World;
using Xunit;

namespace Vnetcni.Ipam.Tests.Planning;

/// <summary>Random walks over a node with two operators and every fault; see <see cref="PlannerWorld"/>.</summary>
public class PlannerWorldTests
{
    [Fact]
    public void No_walk_breaks_a_rule_and_every_one_comes_to_rest() =>
        Gen.Int[0, 1_000_000].Array[50, 400].Sample(
            script =>
            {
                var world = new PlannerWorld();
                var trace = new List<string>();
                foreach (var choice in script)
                {
                    Act(world, choice);
                    trace.Add($"{Name(choice)}: {world.Show()}");
                    world.Check();
                    Assert.True(world.Broken.Length == 0, $"{world.Broken}\n{string.Join('\n', trace.TakeLast(25))}");
                }

                ComeToRest(world, trace);
            },
            iter: 3_000);

    [Fact]
    public void The_walks_reach_what_they_are_for()
    {
        // A walk that never assigns, releases or settles would prove nothing.
        var random = new Random(7);
        var (assigned, released, settled) = (0, 0, 0);
        for (var run = 0; run < 200; run++)
        {
            var world = new PlannerWorld();
            for (var i = 0; i < 300; i++)
            {
                var before = world.Nic.Length;
                Act(world, random.Next(1_000_000));
                assigned += world.Agent.InUse.Count > 0 ? 1 : 0;
                released += world.Nic.Length < before ? 1 : 0;
                settled += world.Pool.SettledReservation.Length > 0 && world.Budget.Reservations.IsEmpty ? 1 : 0;
            }
        }

        Assert.True(assigned > 1_000 && released > 20 && settled > 1_000, $"assigned {assigned}, released {released}, settled {settled}");
    }

    private static void Act(PlannerWorld world, int choice)
    {
        var op = world.Operators[choice % 2];
        var detail = choice / 100;
        switch (choice % 100)
        {
            case < 44: op.Step(staleNic: detail % 4 == 0); break;
            case < 50: op.Abort(); break;
            case < 62:
                if (op.InFlight is { } put)
                {
                    op.InFlight = null;
                    if (detail % 5 != 0)
                        world.Put(put);
                }

                break;
            case < 72: world.Finish(fails: detail % 6 == 0); break;
            case < 73: world.MoveNicForeign(); break;
            case < 74: world.MoveBudgetForAnotherPool(); break;
            case < 80: world.Agent.See(); break;
            case < 86: world.Agent.Send(); break;
            case < 92: world.Agent.Deliver(lost: detail % 5 == 0); break;
            case < 95: world.Agent.StartPod(); break;
            case < 97: world.Agent.StopPod(); break;
            case < 99: world.Agent.Wanted = detail % (PlannerWorld.Limit + 1); break;
            default:
                if (detail % 2 == 0)
                    world.Agent.LoseLedger();
                else
                    world.Agent.Reboot();
                break;
        }
    }

    private static string Name(int choice) => $"op{choice % 2} act {choice % 100} ({choice / 100})";

    private static void ComeToRest(PlannerWorld world, List<string> trace)
    {
        foreach (var op in world.Operators)
        {
            op.Abort();
            if (op.InFlight is { } put)
                world.Put(put);
            op.InFlight = null;
            world.Check();
        }

        for (var i = 0; i < 400 && !world.IsSettled(world.Agent.Wanted); i++)
        {
            while (world.Agent.InUse.Count > world.Agent.Wanted)
                world.Agent.StopPod();
            world.Agent.See();
            world.Agent.Send();
            world.Agent.Deliver(lost: false);
            world.Finish(fails: false);
            var op = world.Operators[0];
            op.Step(staleNic: false);
            if (op.InFlight is { } put)
                world.Put(put);
            op.InFlight = null;
            world.Check();
            trace.Add($"rest: {world.Show()}");
            Assert.True(world.Broken.Length == 0, $"{world.Broken}\n{string.Join('\n', trace.TakeLast(25))}");
        }

        Assert.True(world.IsSettled(world.Agent.Wanted), $"it does not come to rest\n{string.Join('\n', trace.TakeLast(30))}");
    }
}
