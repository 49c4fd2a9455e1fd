using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Nodes;

namespace Vnetcni.Simulation.Tests.Workload;

/// <summary>
/// A person, or another tool, at a node's interface: adds an ipConfiguration, removes its own or one of ours, sets a tag; at a uniform
/// scale set's, resets the model too. Whoever takes an address from a pod deletes the pod.
/// </summary>
internal sealed class SimHand(SimWorld world, IReadOnlyList<SimKubelet> kubelets)
{
    private int made;

    public async Task WriteAsync(SimNode node)
    {
        var uniform = world.Cloud.IsUniform(node.Number);
        if (uniform && world.Weather.Pick(6) == 0)
        {
            Reset(node);
            return;
        }

        var path = uniform ? $"{world.Cloud.VmResource(node.Number)}?api-version=2025-04-01" : $"{node.NicId}?api-version=2024-05-01";
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [SimRequest.WriterHeader] = "foreign" };
        try
        {
            var read = await world.Cloud.Arm.HandleAsync(new SimRequest("GET", path) { Headers = headers }, CancellationToken.None);
            if (read.Status != 200)
                return;
            var nic = JsonNode.Parse(read.Body.Span)!.AsObject();
            if (uniform)
                nic["properties"]!["storageProfile"]!.AsObject().Remove("imageReference");
            JsonNode? one = nic;
            if (uniform)
                one = nic["properties"]!["networkProfileConfiguration"]!["networkInterfaceConfigurations"]!.AsArray().FirstOrDefault();
            // A VM stands for whose interface the subnet has no room.
            if (one is null)
                return;
            var (what, removed, taken) = Change(nic, one);
            // A model names no addresses.
            taken ??= removed is null ? null : AddressOf(node, removed);
            await world.Weather.PassAsync(0, 3);
            headers["If-Match"] = (string)nic["etag"]!;
            if (taken is not null)
                world.Cloud.TakeByHand(node.NicId, taken);
            var put = await world.Cloud.Arm.HandleAsync(
                new SimRequest("PUT", path) { Headers = headers, Body = Encoding.UTF8.GetBytes(nic.ToJsonString()) }, CancellationToken.None);
            world.Timeline.Add($"a hand {what} at {node.Name}: {put.Status}");
            if (taken is not null && put.Status == 200)
                _ = world.Simulator.Spawn("mourner", () => DeletePodsAsync(node, taken), endless: true);
        }
        catch (SimConnectionDroppedException)
        {
            world.Timeline.Add($"a hand at {node.Name} hears nothing");
        }
    }

    // By an upgrade of the instance, or a re-image.
    private void Reset(SimNode node)
    {
        var all = world.Cloud.Addresses.Addresses
            .Where(entry => SimCloud.IsOurs(entry) && entry.Nic.Equals(node.NicId, StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Address).ToArray();
        if (node.IsBusy)
            return;
        try
        {
            world.Cloud.Arm.ResetModel(world.Cloud.VmResource(node.Number));
        }
        catch (InvalidOperationException e)
        {
            world.Timeline.Add($"a hand can't reset the model of {node.Name}: {e.Message}");
            return;
        }

        foreach (var address in all)
            world.Cloud.TakeByHand(node.NicId, address);
        world.Timeline.Add($"a hand resets the model of {node.Name}: {all.Length} addresses go");
        foreach (var address in all)
            _ = world.Simulator.Spawn("mourner", () => DeletePodsAsync(node, address), endless: true);
    }

    private string? AddressOf(SimNode node, string name) => world.Cloud.Addresses.Addresses.FirstOrDefault(
        entry => entry.IpConfiguration == name && entry.Nic.Equals(node.NicId, StringComparison.OrdinalIgnoreCase))?.Address;

    private (string What, string? Removed, string? Taken) Change(JsonObject nic, JsonNode holder)
    {
        var all = holder["properties"]!["ipConfigurations"]!.AsArray();
        var ours = all.Where(c => Name(c).StartsWith("vnetcni-", StringComparison.Ordinal)).ToArray();
        var theirs = all.Where(c => (bool?)c!["properties"]!["primary"] != true && !ours.Contains(c)).ToArray();
        switch (world.Weather.Pick(5))
        {
            case 0 when theirs.Length > 0:
                var other = theirs[world.Weather.Pick(theirs.Length)];
                all.Remove(other);
                return ($"removes {Name(other)}", null, null);
            case 1 when ours.Length > 0:
                var our = ours[world.Weather.Pick(ours.Length)];
                all.Remove(our);
                return ($"removes {Name(our)}", Name(our), (string?)our!["properties"]!["privateIPAddress"]);
            case 2 or 3 when theirs.Length < 3:
                var copy = all[0]!.DeepClone().AsObject();
                copy["name"] = $"by-hand-{++made}";
                var properties = copy["properties"]!.AsObject();
                properties["primary"] = false;
                if (holder == nic)
                    properties["privateIPAllocationMethod"] = "Dynamic";
                properties.Remove("privateIPAddress");
                all.Add((JsonNode)copy);
                return ($"adds {Name(copy)}", null, null);
            default:
                nic["tags"] = new JsonObject { ["touched"] = $"{++made}" };
                return ("sets a tag", null, null);
        }
    }

    private async Task DeletePodsAsync(SimNode node, string address)
    {
        var kubelet = kubelets.Single(kubelet => kubelet.Node == node);
        var nic = node.NicId;
        while (true)
        {
            await world.Weather.PassAsync(5, 15);
            foreach (var pod in kubelet.Pods.Where(pod => pod.Address == address).ToArray())
                pod.Delete();
            if (world.Cloud.Forgive(nic, address, node.Kernel.Links.Any(link => link.Address == address) || node.Kernel.Unreachable.Contains(address)))
                return;
        }
    }

    private static string Name(JsonNode? configuration) => (string)configuration!["name"]!;
}
