using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Vnetcni.AgentProtocol;

namespace Vnetcni.NodeAgent.CniServer.Config;

/// <summary>
/// prevResult: what the plug-ins before this one made (ADD), or the whole chain (CHECK). libcni hands it over in the
/// configuration's own version, so that its parts go into our result as they are.
/// </summary>
/// <param name="Interfaces">As they came.</param>
/// <param name="Ips">As they came.</param>
/// <param name="Routes">As they came.</param>
/// <param name="Dns">Or null.</param>
internal sealed record PreviousResult(
    IReadOnlyList<JsonElement> Interfaces, IReadOnlyList<JsonElement> Ips, IReadOnlyList<JsonElement> Routes, DnsSettings? Dns)
{
    /// <exception cref="CniException">Decode: not a result.</exception>
    public static PreviousResult Read(JsonElement result)
    {
        RequireWritable(result, "prevResult");
        return new PreviousResult(
            Objects(result, "interfaces"),
            Objects(result, "ips"),
            Objects(result, "routes"),
            result.OptionalObject("dns") is { } dns ? ReadDns(dns) : null);
    }

    /// <exception cref="CniException">Decode: not a dns section.</exception>
    public static DnsSettings ReadDns(JsonElement dns) => new(
        dns.OptionalStrings("nameservers"),
        dns.OptionalString("domain"),
        dns.OptionalStrings("search"),
        dns.OptionalStrings("options"));

    /// <summary>The first address of the container's interface of that name, or null. IPv4 before IPv6.</summary>
    public IPAddress? AddressOf(string interfaceName)
    {
        IPAddress? found = null;
        foreach (var ip in Ips)
        {
            if (!IsOn(ip, interfaceName) || ParseAddress(ip.OptionalString("address")) is not { } address)
                continue;
            if (address.AddressFamily == AddressFamily.InterNetwork)
                return address;
            found ??= address;
        }

        return found;
    }

    // What can be parsed can't always be written again: "\ud800" is half a character. Found now, nothing is plumbed yet.
    internal static void RequireWritable(JsonElement result, string key)
    {
        try
        {
            using var json = new Utf8JsonWriter(Stream.Null);
            result.WriteTo(json);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new CniException(CniErrorCode.Decode, $"the network configuration's {key} has half a surrogate pair", "in one of its strings");
        }
    }

    private bool IsOn(JsonElement ip, string interfaceName)
    {
        if (ip.Optional("interface") is not { ValueKind: JsonValueKind.Number } index
            || !index.TryGetInt32(out var i) || i < 0 || i >= Interfaces.Count)
        {
            return false;
        }

        // An interface without sandbox is the host's.
        return Interfaces[i].OptionalString("sandbox").Length > 0
            && Interfaces[i].OptionalString("name").Equals(interfaceName, StringComparison.Ordinal);
    }

    private static IPAddress? ParseAddress(string cidr)
    {
        var slash = cidr.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && IPAddress.TryParse(cidr.AsSpan(0, slash), out var address) ? address : null;
    }

    private static List<JsonElement> Objects(JsonElement result, string key)
    {
        if (result.OptionalArray(key) is not { } array)
            return [];
        List<JsonElement> items = [];
        foreach (var item in array.EnumerateArray())
            items.Add(item.ValueKind == JsonValueKind.Object ? item : throw JsonFields.Wrong($"prevResult.{key}", item, "a list of objects"));
        return items;
    }
}
