using System.Text.Json;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>Indexes one element of <c>ipConfigurations</c>. Texts that repeat from element to element are made once.</summary>
internal sealed class IpConfigurationReader(OwnedNames names)
{
    private const string What = "an ipConfiguration";

    private string? _lastSubnet;

    internal Range PrimarySecurityGroups { get; private set; }

    /// <summary>The reader is on the start of the element; leaves it on its end.</summary>
    internal NicIpConfiguration Read(ref Utf8JsonReader reader)
    {
        JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
        var start = (int)reader.TokenStartIndex;
        string? name = null;
        var seenProperties = false;
        var fields = default(Fields);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                Once(name is not null, "name");
                name = JsonObjects.Text(ref reader, What);
            }
            else if (reader.ValueTextEquals("properties"u8))
            {
                Once(seenProperties, "properties");
                seenProperties = true;
                if (JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
                    fields = ReadProperties(ref reader);
            }
            else
            {
                JsonObjects.SkipValue(ref reader);
            }
        }

        if (string.IsNullOrEmpty(name))
            throw new ArmAnswerException($"{What} has no name");
        if (fields.Primary == true)
            PrimarySecurityGroups = fields.SecurityGroups;
        return new NicIpConfiguration
        {
            Name = name,
            Address = fields.Address,
            State = fields.State ?? string.Empty,
            SubnetId = fields.SubnetId,
            IsPrimary = fields.Primary == true,
            IsOurs = names.IsOurs(name),
            Bytes = start..(int)reader.BytesConsumed,
        };
    }

    private Fields ReadProperties(ref Utf8JsonReader reader)
    {
        var fields = default(Fields);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("privateIPAddress"u8))
            {
                Once(fields.Address is not null, "privateIPAddress");
                fields.Address = JsonObjects.Text(ref reader, What);
            }
            else if (reader.ValueTextEquals("provisioningState"u8))
            {
                fields.State = States.Read(ref reader, What);
            }
            else if (reader.ValueTextEquals("primary"u8))
            {
                Once(fields.Primary is not null, "primary");
                fields.Primary = JsonObjects.Flag(ref reader, What);
            }
            else if (reader.ValueTextEquals("subnet"u8))
            {
                Once(fields.SubnetId is not null, "subnet");
                fields.SubnetId = _lastSubnet = SubResource.ReadId(ref reader, What, _lastSubnet);
            }
            else if (reader.ValueTextEquals("applicationSecurityGroups"u8))
            {
                fields.SecurityGroups = ReadGroups(ref reader);
            }
            else
            {
                JsonObjects.SkipValue(ref reader);
            }
        }

        return fields;
    }

    private static Range ReadGroups(ref Utf8JsonReader reader)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartArray, What))
            return default;
        var start = (int)reader.TokenStartIndex;
        var any = false;
        while (JsonObjects.NextElement(ref reader))
        {
            any = true;
            reader.Skip();
        }

        return any ? start..(int)reader.BytesConsumed : default;
    }

    private static void Once(bool seen, string field)
    {
        if (seen)
            throw new ArmAnswerException($"{What} has {field} twice");
    }

    private struct Fields
    {
        public string? Address;
        public string? State;
        public string? SubnetId;
        public bool? Primary;
        public Range SecurityGroups;
    }
}
