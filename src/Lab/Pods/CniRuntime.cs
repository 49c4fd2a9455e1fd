using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Pods;

/// <summary>
/// Calls the CNI binary as a container runtime does: configuration on stdin, CNI_* in the environment, from the node's
/// namespace.
/// </summary>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#section-2-execution-protocol</remarks>
internal sealed class CniRuntime(string binary)
{
    /// <summary>CNI ADD; the parsed result.</summary>
    public async Task<JsonObject> AddAsync(LabNode node, PodSandbox pod, CancellationToken cancellationToken)
    {
        var result = await CallAsync("ADD", node, pod, prevResult: null, cancellationToken);
        if (result.ExitCode != 0)
            throw new ShellException($"ADD {pod.Name} on {node.Name}: exit code {result.ExitCode}: {result.Output}{result.Error}");
        return JsonNode.Parse(result.Output)!.AsObject();
    }

    /// <summary>CNI CHECK with the result of the ADD.</summary>
    public async Task CheckAsync(LabNode node, PodSandbox pod, CancellationToken cancellationToken) =>
        Demand(await CallAsync("CHECK", node, pod, pod.Result, cancellationToken), "CHECK", node, pod);

    /// <summary>CNI DEL.</summary>
    public async Task DeleteAsync(LabNode node, PodSandbox pod, CancellationToken cancellationToken) =>
        Demand(await CallAsync("DEL", node, pod, pod.Result, cancellationToken), "DEL", node, pod);

    private static void Demand(ShellResult result, string verb, LabNode node, PodSandbox pod)
    {
        if (result.ExitCode != 0)
            throw new ShellException($"{verb} {pod.Name} on {node.Name}: exit code {result.ExitCode}: {result.Output}{result.Error}");
    }

    private Task<ShellResult> CallAsync(
        string verb, LabNode node, PodSandbox pod, JsonObject? prevResult, CancellationToken cancellationToken)
    {
        var config = new JsonObject { ["cniVersion"] = "1.0.0", ["name"] = "vnet", ["type"] = "vnetcni" };
        if (prevResult is not null)
            config["prevResult"] = prevResult.DeepClone();
        var environment = new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = verb,
            ["CNI_CONTAINERID"] = pod.ContainerId,
            ["CNI_NETNS"] = pod.Space.Path,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_PATH"] = Path.GetDirectoryName(binary)!,
            ["CNI_ARGS"] = $"IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME={pod.Name};K8S_POD_INFRA_CONTAINER_ID={pod.ContainerId}",
            ["VNETCNI_SOCKET"] = node.Socket,
        };
        return Shell.TryRunAsync(
            "nsenter", [$"--net={node.Space.Path}", "--", binary], cancellationToken,
            config.ToJsonString(JsonSerializerOptions.Default), environment);
    }
}

/// <summary>A pod's sandbox on a lab node.</summary>
/// <param name="Name">Pod name.</param>
/// <param name="Node">Name of its node.</param>
/// <param name="ContainerId">What the runtime calls the sandbox.</param>
/// <param name="Space">Its network namespace.</param>
internal sealed record PodSandbox(string Name, string Node, string ContainerId, NetworkNamespace Space)
{
    /// <summary>The result of its ADD; null before.</summary>
    public JsonObject? Result { get; set; }

    /// <summary>Its address; null before its ADD.</summary>
    public System.Net.IPAddress? Address =>
        Result?["ips"]?[0]?["address"]?.GetValue<string>() is { } cidr ? System.Net.IPAddress.Parse(cidr.Split('/')[0]) : null;
}
