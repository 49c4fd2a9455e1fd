using System.Buffers;
using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Addressing;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer.Config;

namespace Vnetcni.NodeAgent.CniServer.Results;

/// <summary>
/// Writes what a main plug-in gets from its IPAM: each address with its subnet's length and gateway, routes and dns. No interfaces, and
/// nothing of prevResult: that is the main plug-in's.
/// </summary>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#delegated-plugins-ipam</remarks>
internal static class IpamResultWriter
{
    /// <summary>The result as UTF-8 JSON with a line end.</summary>
    /// <exception cref="CniException">InvalidConfig: nobody says which subnet the address is of, or it is another one.</exception>
    public static byte[] Write(AddOutcome outcome, IpamSettings ipam, NetworkConfig config)
    {
        var subnets = outcome.Addresses.Select(address => SubnetOf(address, ipam)).ToArray();
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("cniVersion"u8, config.Head.CniVersion);
            json.WriteStartArray("ips"u8);
            foreach (var (address, subnet) in outcome.Addresses.Zip(subnets))
            {
                json.WriteStartObject();
                AddResultWriter.WriteFamily(json, address, config.Head.CniVersion);
                json.WriteString("address"u8, $"{address.Address}/{subnet.Range.Length}");
                json.WriteString("gateway"u8, subnet.Gateway.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteRoutes(json, outcome, ipam);
            AddResultWriter.WriteDns(json, config.Dns);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static PodSubnet SubnetOf(PodAddress address, IpamSettings ipam)
    {
        // ipam.subnet is of IPv4.
        if ((address.IsV6 ? address.Subnet : ipam.Subnet ?? address.Subnet) is not { } subnet)
        {
            throw new CniException(
                CniErrorCode.InvalidConfig,
                $"the subnet of {address.Address} is not known",
                "the node's pool does not tell it: set ipam.subnet, and ipam.gateway where it is not the first address, in the network configuration");
        }

        return subnet.Range.Contains(IpAddress.From(address.Address)) ? subnet : throw new CniException(
            CniErrorCode.InvalidConfig, $"ipam.subnet {subnet.Range} does not contain {address.Address}", "set it to the subnet of the node's pod addresses, or leave it out");
    }

    private static void WriteRoutes(Utf8JsonWriter json, AddOutcome outcome, IpamSettings ipam)
    {
        json.WriteStartArray("routes"u8);
        foreach (var route in ipam.Routes ?? [])
            route.WriteTo(json);
        foreach (var address in ipam.Routes is null ? outcome.Addresses : [])
        {
            json.WriteStartObject();
            json.WriteString("dst"u8, address.Everywhere);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
