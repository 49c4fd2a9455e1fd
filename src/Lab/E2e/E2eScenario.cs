using Vnetcni.Lab.Demo;
using Vnetcni.Lab.E2e.Parts;

namespace Vnetcni.Lab.E2e;

/// <summary>The story of a cluster, from nodes that are not ready to an uninstall that leaves nothing.</summary>
internal sealed class E2eScenario(E2eLab lab, DemoReport report)
{
    /// <summary>Names of the parts that can be picked; the installation is always played.</summary>
    public static readonly string[] Parts = ["install", "scale", "restarts", "gitops", "capabilities", "nodes", "uninstall"];

    /// <summary>Plays it; throws at the first step that fails.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        var part = new E2ePart(lab, report, new Checks.Addresses(lab), new Checks.Traffic(lab), new Release(lab));
        await new InstallPart(part, before: Plays(RestartPart.Name)).PlayAsync(cancellationToken);
        foreach (var (name, play) in new (string Name, Func<CancellationToken, Task> Play)[]
        {
            ("scale", new ScalePart(part).PlayAsync),
            (RestartPart.Name, new RestartPart(part).PlayAsync),
            ("gitops", new GitOpsPart(part).PlayAsync),
            ("capabilities", new CapabilityPart(part).PlayAsync),
            ("nodes", new NodePart(part).PlayAsync),
        })
        {
            if (Plays(name))
                await play(cancellationToken);
        }

        if (!lab.Options.Keep)
        {
            await report.StepAsync("no pods", async () =>
            {
                await part.NoPodsAsync(cancellationToken);
                return "all are gone";
            });
        }

        if (part.Lost is { } lost)
            await report.StepAsync("what the lost DEL left is freed", () => lost.FreedAsync(cancellationToken));
        if (lab.Options.Keep)
        {
            await report.StepAsync("pods to look at", async () =>
            {
                await part.ScaleAsync(6, cancellationToken);
                return "6 web pods";
            });
        }
        else
        {
            await report.StepAsync("no leaks", () => part.Addresses.NothingLeaksAsync(part.MostFree, cancellationToken));
        }

        if (Plays("uninstall"))
            await new UninstallPart(part).PlayAsync(cancellationToken);
        await report.StepAsync("ARM's invariants held throughout", async () =>
        {
            var broken = await lab.Arm.InvariantsAsync(cancellationToken);
            if (broken.Count > 0)
                throw new Processes.ShellException($"{broken.Count} broken: {broken[0]}");
            return $"none of its rules was broken; {await lab.Fabric.DropsAsync(cancellationToken)}";
        });
    }

    // What is kept for people to look at is not uninstalled, unless they ask for it.
    private bool Plays(string name) => lab.Options.Only.Count == 0 ? !(lab.Options.Keep && name == "uninstall") : lab.Options.Only.Contains(name);
}
