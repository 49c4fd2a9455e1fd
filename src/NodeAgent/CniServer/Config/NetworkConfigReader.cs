using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.NodeAgent.CniServer.Config;

/// <summary>
/// Reads the plug-in's section of a conflist as libcni hands it over. Unknown fields are left alone: the specification allows
/// a configuration to carry more than one plug-in reads.
/// </summary>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#section-1-network-configuration-format</remarks>
internal static class NetworkConfigReader
{
    // RFC 791: every link carries 68 bytes. 65535 is a veth's ETH_MAX_MTU.
    private const int SmallestMtu = 68;
    private const int LargestMtu = 65535;

    /// <summary>Reads and checks all that <paramref name="command"/> uses.</summary>
    /// <param name="command">
    /// A DEL reads the head alone: nothing else in a configuration may keep a pod from going away.
    /// </param>
    /// <param name="utf8">The configuration.</param>
    /// <exception cref="CniException">IncompatibleVersion, UnsupportedField, Decode or InvalidConfig.</exception>
    public static NetworkConfig Read(CniCommand command, ReadOnlyMemory<byte> utf8)
    {
        var head = NetworkConfigHead.Parse(utf8.Span);
        head.Validate(command);
        if (command == CniCommand.Del)
            return new NetworkConfig(head, 0, null, null, null);
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement.Clone();
        // The rest of another main plug-in's configuration is its own.
        var ipam = command is CniCommand.Add or CniCommand.Check ? IpamSettings.Read(root) : null;
        return new NetworkConfig(
            head,
            ipam is null ? ReadMtu(root) : 0,
            ReadDns(root),
            root.OptionalObject("prevResult") is { } previous ? PreviousResult.Read(previous) : null,
            command == CniCommand.Gc ? ReadValidAttachments(root) : null)
        {
            Ipam = ipam,
            Unused = command == CniCommand.Add && ipam is null ? UnusedFields.Of(root) : [],
        };
    }

    private static int ReadMtu(JsonElement root)
    {
        if (root.Optional("mtu") is not { } value)
            return 0;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var mtu))
            throw JsonFields.Wrong("mtu", value, "a whole number");
        if (mtu is 0 or (>= SmallestMtu and <= LargestMtu))
            return mtu;
        throw new CniException(
            CniErrorCode.InvalidConfig,
            "the network configuration's mtu is out of range",
            $"mtu {mtu} has to be 0 (as the NIC) or {SmallestMtu} to {LargestMtu}");
    }

    private static DnsSettings? ReadDns(JsonElement root)
    {
        // The capability "dns": https://www.cni.dev/docs/conventions/#dynamic-plugin-specific-fields-capabilities--runtime-configuration
        if (root.OptionalObject("runtimeConfig")?.OptionalObject("dns") is { } asked)
        {
            return new DnsSettings(
                asked.OptionalStrings("servers"), "", asked.OptionalStrings("searches"), asked.OptionalStrings("options"));
        }

        return root.OptionalObject("dns") is { } dns ? PreviousResult.ReadDns(dns) : null;
    }

    private static List<ValidAttachment>? ReadValidAttachments(JsonElement root)
    {
        // libcni writes both: the second was the specification's mistake (containernetworking/cni#1101). null, which Go writes
        // for a list that was never made, is as absent: only [] may mean "remove all".
        var lists = new[] { root.OptionalArray("cni.dev/valid-attachments"), root.OptionalArray("cni.dev/attachments") };
        if (lists.All(list => list is null))
            return null;
        List<ValidAttachment> valid = [];
        foreach (var list in lists)
        {
            if (list is not { } array)
                continue;
            foreach (var item in array.EnumerateArray())
                valid.Add(ReadAttachment(item));
        }

        return valid;
    }

    // Strict: an attachment that is not understood would be removed.
    private static ValidAttachment ReadAttachment(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw JsonFields.Wrong("cni.dev/valid-attachments", item, "a list of objects");
        var attachment = new ValidAttachment(item.OptionalString("containerID"), item.OptionalString("ifname"));
        if (NameRules.IsIdentifier(attachment.ContainerId) && NameRules.InterfaceFault(attachment.InterfaceName) is null)
            return attachment;
        throw new CniException(
            CniErrorCode.InvalidConfig,
            "a valid attachment has no usable containerID and ifname",
            $"{JsonFields.Show(item)}; nothing was removed");
    }
}
