using System.Text.Json;
using Vnetcni.Operator.Azure.Json;
using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Azure.ScaleSets;

/// <summary>
/// Indexes the model of a uniform scale set's VM without copying it. What decides where a splice goes must be unambiguous: a repeated
/// property on the way there is refused.
/// </summary>
internal sealed class ScaleSetVmReader
{
    private const string What = "a scale set VM";
    private const int MaxInterfaces = 64;
    private const int MaxConfigurations = 1024;

    private readonly OwnedNames _names;
    private readonly string _nic;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private int _interfaces;
    private string? _id;
    private string? _etag;
    private string _state = string.Empty;
    private string _vmId = string.Empty;
    private Range _image;
    private Interface? _found;

    private ScaleSetVmReader(OwnedNames names, string nic)
    {
        _names = names;
        _nic = nic;
    }

    /// <summary>Reads a model. Throws <see cref="ArmAnswerException"/> when it is none, or has no interface of that name.</summary>
    internal static ScaleSetVmModel Read(ReadOnlyMemory<byte> utf8, OwnedNames names, string nic, string? etagHeader)
    {
        if (utf8.Length > NicReader.MaxBytes)
            throw new ArmAnswerException($"{What} is {utf8.Length} bytes long, more than {NicReader.MaxBytes}");
        var vm = new ScaleSetVmReader(names, nic);
        try
        {
            vm.ReadResource(utf8.Span);
        }
        catch (Exception e) when (JsonObjects.IsMalformed(e))
        {
            throw JsonObjects.NotJson(What, e);
        }

        if (vm._found is not { Configurations.Count: > 0 } found)
            throw new ArmAnswerException($"{What} has no configuration of the interface '{nic}'");
        if ((etagHeader ?? vm._etag) is not { Length: > 0 } etag)
            throw new ArmAnswerException($"{What} came without an ETag: it could not be written safely");
        return new ScaleSetVmModel
        {
            Id = vm._id ?? throw new ArmAnswerException($"{What} has no id"),
            ETag = etag,
            VmId = vm._vmId,
            ProvisioningState = vm._state,
            Raw = utf8,
            Array = found.Array,
            Configurations = found.Configurations,
            SecurityGroups = found.SecurityGroups,
            ImageReference = vm._image,
        };
    }

    private void ReadResource(ReadOnlySpan<byte> utf8)
    {
        var reader = JsonObjects.Open(utf8, What);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
                _id = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("etag"u8))
                _etag = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("properties"u8))
                ReadProperties(ref reader, utf8);
            else
                JsonObjects.SkipValue(ref reader);
        }

        // Nothing may follow: the splice would carry it along.
        if (reader.Read())
            throw JsonObjects.Wrong(What, reader.TokenType);
    }

    private void ReadProperties(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (!Into(ref reader, "properties", JsonTokenType.StartObject))
            return;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("provisioningState"u8))
                _state = JsonObjects.Text(ref reader, What) ?? string.Empty;
            else if (reader.ValueTextEquals("vmId"u8))
                _vmId = JsonObjects.Text(ref reader, What) ?? string.Empty;
            else if (reader.ValueTextEquals("storageProfile"u8))
                ReadStorage(ref reader, utf8);
            else if (reader.ValueTextEquals("networkProfileConfiguration"u8))
                ReadNetwork(ref reader);
            else
                JsonObjects.SkipValue(ref reader);
        }
    }

    private void ReadStorage(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (!Into(ref reader, "storageProfile", JsonTokenType.StartObject))
            return;
        while (JsonObjects.NextProperty(ref reader))
        {
            var isImage = reader.ValueTextEquals("imageReference"u8);
            var start = (int)reader.TokenStartIndex;
            JsonObjects.SkipValue(ref reader);
            if (!isImage)
                continue;
            Once("imageReference");
            _image = WithComma(utf8, start, (int)reader.BytesConsumed);
        }
    }

    /// <summary>A property with the comma behind it, or, as the last one, with the comma before it.</summary>
    private static Range WithComma(ReadOnlySpan<byte> utf8, int start, int end)
    {
        var next = end + (utf8[end..].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var blank ? blank : 0);
        if (utf8[next] == (byte)',')
            return start..(next + 1);
        var before = utf8[..start].LastIndexOfAnyExcept(" \t\r\n"u8);
        return (utf8[before] == (byte)',' ? before : start)..end;
    }

    private void ReadNetwork(ref Utf8JsonReader reader)
    {
        if (!Into(ref reader, "networkProfileConfiguration", JsonTokenType.StartObject))
            return;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("networkInterfaceConfigurations"u8))
            {
                JsonObjects.SkipValue(ref reader);
                continue;
            }

            if (!Into(ref reader, "networkInterfaceConfigurations", JsonTokenType.StartArray))
                continue;
            while (JsonObjects.NextElement(ref reader))
                ReadInterface(ref reader);
        }
    }

    private void ReadInterface(ref Utf8JsonReader reader)
    {
        JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
        if (++_interfaces > MaxInterfaces)
            throw new ArmAnswerException($"{What} has more than {MaxInterfaces} interfaces");
        string? name = null;
        Interface? read = null;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                if (name is not null)
                    throw new ArmAnswerException($"{What} has an interface with two names");
                name = JsonObjects.Text(ref reader, What);
            }
            else if (reader.ValueTextEquals("properties"u8))
            {
                if (read is not null)
                    throw new ArmAnswerException($"{What} has an interface with properties twice");
                read = ReadInterfaceProperties(ref reader);
            }
            else
            {
                JsonObjects.SkipValue(ref reader);
            }
        }

        if (!_nic.Equals(name, StringComparison.OrdinalIgnoreCase))
            return;
        if (_found is not null)
            throw new ArmAnswerException($"{What} has two interfaces named '{_nic}'");
        _found = read;
    }

    private Interface? ReadInterfaceProperties(ref Utf8JsonReader reader)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
            return null;
        Interface? found = null;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("ipConfigurations"u8))
            {
                JsonObjects.SkipValue(ref reader);
                continue;
            }

            if (found is not null)
                throw new ArmAnswerException($"{What} has an interface with ipConfigurations twice");
            found = ReadConfigurations(ref reader);
        }

        return found;
    }

    private Interface ReadConfigurations(ref Utf8JsonReader reader)
    {
        reader.Read();
        JsonObjects.Expect(ref reader, JsonTokenType.StartArray, What);
        var start = (int)reader.BytesConsumed;
        var each = new IpConfigurationReader(_names);
        var configurations = new List<NicIpConfiguration>();
        while (JsonObjects.NextElement(ref reader))
        {
            if (configurations.Count == MaxConfigurations)
                throw new ArmAnswerException($"{What} has more than {MaxConfigurations} ipConfigurations");
            configurations.Add(each.Read(ref reader));
        }

        return new Interface(configurations, start..(int)reader.TokenStartIndex, each.PrimarySecurityGroups);
    }

    private bool Into(ref Utf8JsonReader reader, string name, JsonTokenType type)
    {
        Once(name);
        return JsonObjects.Enter(ref reader, type, What);
    }

    private void Once(string name)
    {
        if (!_seen.Add(name))
            throw new ArmAnswerException($"{What} has {name} twice");
    }

    private sealed record Interface(List<NicIpConfiguration> Configurations, Range Array, Range SecurityGroups);
}
