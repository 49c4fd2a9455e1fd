using System.Buffers;
using System.Net.NetworkInformation;
using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer.Config;

namespace Vnetcni.NodeAgent.CniServer.Results;

/// <summary>
/// Writes ADD's result in the version asked for: the host's end, then the container's interface, its addresses and the default
/// route of each family. What plug-ins before this one made stays in front of ours.
/// </summary>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#add-success, and the same section of
/// spec-v0.3.1 and spec-v0.4.0, where each of the ips carries a version.</remarks>
internal static class AddResultWriter
{
    /// <summary>The result as UTF-8 JSON with a line end.</summary>
    /// <param name="outcome">What was made.</param>
    /// <param name="interfaceName">CNI_IFNAME.</param>
    /// <param name="netns">CNI_NETNS, as the runtime spelt it.</param>
    /// <param name="config">Version, dns and prevResult.</param>
    public static byte[] Write(AddOutcome outcome, string interfaceName, string netns, NetworkConfig config)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion"u8, config.Head.CniVersion);
            WriteInterfaces(json, outcome, interfaceName, netns, config);
            WriteIps(json, outcome, config);
            WriteRoutes(json, outcome, config.Previous);
            WriteDns(json, config.Dns ?? config.Previous?.Dns);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteInterfaces(
        Utf8JsonWriter json, AddOutcome outcome, string interfaceName, string netns, NetworkConfig config)
    {
        var pair = Pair(outcome);
        json.WriteStartArray("interfaces"u8);
        WriteAll(json, config.Previous?.Interfaces);
        WriteInterface(json, pair.HostInterface, pair.HostMac, null, pair.Mtu, config.Head.CniVersion);
        WriteInterface(json, interfaceName, pair.PodMac, netns, pair.Mtu, config.Head.CniVersion);
        json.WriteEndArray();
    }

    private static void WriteInterface(
        Utf8JsonWriter json, string name, PhysicalAddress mac, string? sandbox, int mtu, string version)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("mac"u8, Mac(mac));
        if (CniVersions.IsAtLeast(version, "1.1.0") && mtu > 0)
            json.WriteNumber("mtu"u8, mtu);
        if (sandbox is not null)
            json.WriteString("sandbox"u8, sandbox);
        json.WriteEndObject();
    }

    private static void WriteIps(Utf8JsonWriter json, AddOutcome outcome, NetworkConfig config)
    {
        json.WriteStartArray("ips"u8);
        WriteAll(json, config.Previous?.Ips);
        foreach (var address in outcome.Addresses)
        {
            json.WriteStartObject();
            WriteFamily(json, address, config.Head.CniVersion);
            json.WriteNumber("interface"u8, (config.Previous?.Interfaces.Count ?? 0) + 1);
            json.WriteString("address"u8, $"{address.Address}/{address.Bits}");
            if (address.Gateway is { } gateway)
                json.WriteString("gateway"u8, gateway.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRoutes(Utf8JsonWriter json, AddOutcome outcome, PreviousResult? previous)
    {
        json.WriteStartArray("routes"u8);
        WriteAll(json, previous?.Routes);
        foreach (var address in outcome.Addresses)
        {
            json.WriteStartObject();
            json.WriteString("dst"u8, address.Everywhere);
            if (address.Gateway is { } gateway)
                json.WriteString("gw"u8, gateway.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The member <c>version</c> of an address, which results before 1.0.0 have.</summary>
    internal static void WriteFamily(Utf8JsonWriter json, PodAddress address, string cniVersion)
    {
        if (!CniVersions.IsAtLeast(cniVersion, "1.0.0"))
            json.WriteString("version"u8, address.IsV6 ? "6" : "4");
    }

    /// <summary>The member <c>dns</c>.</summary>
    internal static void WriteDns(Utf8JsonWriter json, DnsSettings? dns)
    {
        json.WriteStartObject("dns"u8);
        WriteList(json, "nameservers", dns?.Nameservers);
        if (dns is { Domain.Length: > 0 })
            json.WriteString("domain"u8, dns.Domain);
        WriteList(json, "search", dns?.Search);
        WriteList(json, "options", dns?.Options);
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string key, IReadOnlyList<string>? values)
    {
        if (values is null or { Count: 0 })
            return;
        json.WriteStartArray(key);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void WriteAll(Utf8JsonWriter json, IReadOnlyList<JsonElement>? items)
    {
        foreach (var item in items ?? [])
            item.WriteTo(json);
    }

    private static AttachedInterface Pair(AddOutcome outcome) =>
        outcome.Interface ?? throw new InvalidOperationException($"{outcome.Address} has no interface of ours: it is another plug-in's");

    private static string Mac(PhysicalAddress mac) =>
        string.Join(':', mac.GetAddressBytes().Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
}
