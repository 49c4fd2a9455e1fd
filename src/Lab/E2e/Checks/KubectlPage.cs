using System.Text;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>docs/kubectl.md: what kubectl shows of a cluster whose pods run, written and checked on the real API server.</summary>
internal sealed class KubectlPage(E2eLab lab)
{
    private const string Events = "kubectl get events --field-selector involvedObject.kind=NodeIpPool -o custom-columns=TYPE:.type,REASON:.reason,OBJECT:.involvedObject.name,MESSAGE:.message";

    private static readonly (string Title, string Words, string Command, bool More)[] Shown =
    [
        ("The pool of each node", "USED and FREE are what the node's agent last told, HELD what is on its interface.", "kubectl get nip", false),
        ("More columns", "SYNCED is when the interface was last compared with Azure, MESSAGE says what READY means.", "kubectl get nip -o wide", false),
        ("Classes and budgets", "A class is policy and yours; a virtual network's budget is shared by all its nodes.", "kubectl get nipc,vnet", false),
        ("One pool in full", "Lines that repeat themselves are left out.", "kubectl describe nip node1 --show-events=false", false),
        ("Events", "They are about pools, classes and virtual networks, and in the namespace `default`. Warnings name the limit and the next step.", Events, true),
        ("A node", "The operator's condition on the Node; the start-up taint is gone once it is True.", "kubectl describe node node1 | grep -E 'VNetAddressesAvailable|^Taints'", false),
    ];

    /// <summary>Compares; with VNETCNI_WRITE_GOLDENS=1 writes the page anew. Throws <see cref="ShellException"/> where they differ.</summary>
    public async Task<string> CheckAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(lab.Options.Root, "docs/kubectl.md");
        if (Environment.GetEnvironmentVariable("VNETCNI_WRITE_GOLDENS") == "1")
        {
            var text = new StringBuilder("""
                # What kubectl shows

                Outputs of a cluster of two nodes with 60 pods, taken by [the cluster tests](e2e.md) from its API server. They compare this page at each run, but for numbers and times;
                `VNETCNI_WRITE_GOLDENS=1 make e2e` writes it anew. What the fields mean: [crd-reference](install/crd-reference.md); what to do about a reason: [troubleshooting](install/troubleshooting.md).


                """);
            foreach (var (title, words, command, _) in Shown)
                text.Append("## ").Append(title).Append("\n\n").Append(words).Append("\n\n").Append(GoldenPage.Block(command, await OutputAsync(command, cancellationToken))).Append('\n');
            await File.WriteAllTextAsync(file, text.ToString().TrimEnd() + "\n", cancellationToken);
            return $"{file} is written";
        }

        var page = await File.ReadAllTextAsync(file, cancellationToken);
        // Pools settle a moment after their pods.
        var took = await Wait.ForAsync("docs/kubectl.md", TimeSpan.FromSeconds(60), async () =>
        {
            var differences = new List<string>();
            foreach (var (_, _, command, more) in Shown)
                differences.AddRange(GoldenPage.Differences(page, command, await OutputAsync(command, cancellationToken), more));
            return differences.Count == 0 ? null : string.Join("; ", differences.Take(6));
        }, cancellationToken);
        return $"{Shown.Length} outputs are as docs/kubectl.md shows them ({took.TotalSeconds:0} s)";
    }

    private Task<string> OutputAsync(string command, CancellationToken cancellationToken) => Shell.RunAsync(
        "/bin/sh", ["-c", command], cancellationToken, environment: new Dictionary<string, string> { ["KUBECONFIG"] = lab.Cluster.KubeConfig });
}
