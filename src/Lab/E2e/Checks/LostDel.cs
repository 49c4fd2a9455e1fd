using System.Globalization;
using Vnetcni.Lab.E2e.Cluster;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>A pod of which no DEL ever reaches the agent: its link and its sandbox go, and the agent frees its address by what kernel and container runtime say.</summary>
internal sealed class LostDel(E2eLab lab)
{
    private const string Folder = "/opt/cni/bin";
    private const string Kept = $"{Folder}/.vnetcni.kept";
    private const string Seen = "/run/lost-dels";
    private string _address = string.Empty;
    private KubeNode _node = null!;

    /// <summary>Runs a pod on a node, and removes it while a CNI binary stands there that says yes to its DELs and does nothing.</summary>
    public async Task<string> LoseAsync(string node, CancellationToken cancellationToken)
    {
        _node = lab.Nodes[node];
        await lab.ApplyAsync(Workloads.Lost(node), cancellationToken);
        await lab.KubectlAsync("wait --for=condition=Ready pod/lost --timeout=120s", cancellationToken);
        _address = await lab.KubectlAsync("get pod lost -o jsonpath={.status.podIP}", cancellationToken);
        // All other calls go on to the real one. The runtime tells the arguments in any order.
        await OnNodeAsync(
            $$"""
            set -e
            cat > {{Folder}}/.vnetcni.deaf <<'END'
            #!/bin/sh
            case "$CNI_COMMAND;;$CNI_ARGS;" in
              "DEL;"*";K8S_POD_NAME=lost;"*) cat > /dev/null; echo "$CNI_CONTAINERID" >> {{Seen}}; exit 0 ;;
            esac
            exec {{Kept}}
            END
            chmod 755 {{Folder}}/.vnetcni.deaf
            cp -p {{Folder}}/vnetcni {{Kept}}
            mv {{Folder}}/.vnetcni.deaf {{Folder}}/vnetcni
            """,
            cancellationToken);
        await lab.KubectlAsync("delete pod lost --timeout=120s", cancellationToken);
        return $"{_address} of a pod on {node}";
    }

    /// <summary>Waits until the agent has freed it, checks that it asked the container runtime first, and puts the real CNI binary back.</summary>
    /// <remarks>Not before: the runtime calls DEL again and again, also after the pod has gone from the API server.</remarks>
    public async Task<string> FreedAsync(CancellationToken cancellationToken)
    {
        var said = string.Empty;
        // A look a minute, and two minutes between the first and the last.
        await Wait.ForAsync($"{_address} is freed", TimeSpan.FromMinutes(6), async () =>
        {
            var messages = await lab.KubectlAsync("get events --field-selector reason=LeakRepaired -o jsonpath={range.items[*]}{.message}{\"\\n\"}{end}", cancellationToken);
            said = messages.Split('\n').FirstOrDefault(message => message.StartsWith($"{_address} is freed: ", StringComparison.Ordinal)) ?? string.Empty;
            return said.Length > 0 ? null : $"no event tells it; the agent says: {await StatusAsync(cancellationToken)}";
        }, cancellationToken);
        var lost = (await OnNodeAsync($"mv {Kept} {Folder}/vnetcni; cat {Seen}", cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        // Without the runtime's word it would be: the link is gone and no DEL came.
        if (!said.Contains("and its sandbox are gone", StringComparison.Ordinal))
            throw new ShellException($"the agent did not ask the runtime: {said}");
        var status = await StatusAsync(cancellationToken);
        return status.Contains("/run/containerd/containerd.sock: ", StringComparison.Ordinal) && status.Contains(" sandboxes", StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{said}; DELs that were lost: {lost}")
            : throw new ShellException($"the agent asks no container runtime: {status}");
    }

    private async Task<string> StatusAsync(CancellationToken cancellationToken) =>
        (await _node.Space.RunAsync("curl", ["-sS", "--max-time", "5", "http://127.0.0.1:9468/status"], cancellationToken)).Trim().ReplaceLineEndings("; ");

    private Task<string> OnNodeAsync(string script, CancellationToken cancellationToken) => _node.RunAsync(["/bin/sh", "-c", script], cancellationToken);
}
