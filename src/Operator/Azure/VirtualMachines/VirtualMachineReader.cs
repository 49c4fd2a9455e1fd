using System.Text.Json;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.VirtualMachines;

/// <summary>Reads a VM with its instance view.</summary>
internal sealed class VirtualMachineReader
{
    private const string What = "a virtual machine";
    private const string PowerPrefix = "PowerState/";
    private const int MaxNics = 64;

    private readonly List<VirtualMachineNic> _nics = [];
    private readonly List<string> _zones = [];
    private readonly List<string> _primaryNames = [];
    private string? _id;
    private string? _vmId;
    private string? _location;
    private string? _power;

    internal static VirtualMachineView Read(ReadOnlySpan<byte> utf8)
    {
        var vm = new VirtualMachineReader();
        try
        {
            vm.ReadResource(utf8);
        }
        catch (Exception e) when (JsonObjects.IsMalformed(e))
        {
            throw JsonObjects.NotJson(What, e);
        }

        return new VirtualMachineView
        {
            Id = vm._id ?? throw new ArmAnswerException($"{What} has no id"),
            VmId = vm._vmId ?? throw new ArmAnswerException($"{What} has no vmId"),
            Location = vm._location,
            Zone = vm._zones.Count == 0 ? null : vm._zones[0],
            PowerState = vm._power,
            NetworkInterfaces = vm._nics.ConvertAll(vm.Flag),
        };
    }

    private void ReadResource(ReadOnlySpan<byte> utf8)
    {
        var reader = JsonObjects.Open(utf8, What);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
                _id = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("location"u8))
                _location = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("zones"u8))
                JsonObjects.Texts(ref reader, _zones, 16, What);
            else if (reader.ValueTextEquals("properties"u8))
                ReadProperties(ref reader);
            else
                JsonObjects.SkipValue(ref reader);
        }
    }

    private void ReadProperties(ref Utf8JsonReader reader)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
            return;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("vmId"u8))
                _vmId = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("networkProfile"u8))
                ReadList(ref reader, "networkInterfaces"u8, ReadNic);
            else if (reader.ValueTextEquals("networkProfileConfiguration"u8))
                ReadList(ref reader, "networkInterfaceConfigurations"u8, ReadNicConfiguration);
            else if (reader.ValueTextEquals("instanceView"u8))
                ReadList(ref reader, "statuses"u8, ReadStatus);
            else
                JsonObjects.SkipValue(ref reader);
        }
    }

    private static void ReadList(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, Element each)
    {
        if (!JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
            return;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals(name))
            {
                JsonObjects.SkipValue(ref reader);
                continue;
            }

            if (!JsonObjects.Enter(ref reader, JsonTokenType.StartArray, What))
                continue;
            while (JsonObjects.NextElement(ref reader))
            {
                JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
                each(ref reader);
            }
        }
    }

    private void ReadNic(ref Utf8JsonReader reader)
    {
        string? id = null;
        var primary = false;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
                id = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("properties"u8) && JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
                primary = ReadPrimary(ref reader);
            else if (reader.TokenType == JsonTokenType.PropertyName)
                JsonObjects.SkipValue(ref reader);
        }

        if (id is null || _nics.Count == MaxNics)
            throw new ArmAnswerException($"{What} has a network interface without an id, or more than {MaxNics}");
        _nics.Add(new VirtualMachineNic(id, primary));
    }

    // A uniform scale set's VM flags the primary here alone, by the name that the interface has too.
    private void ReadNicConfiguration(ref Utf8JsonReader reader)
    {
        string? name = null;
        var primary = false;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
                name = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("properties"u8) && JsonObjects.Enter(ref reader, JsonTokenType.StartObject, What))
                primary = ReadPrimary(ref reader);
            else if (reader.TokenType == JsonTokenType.PropertyName)
                JsonObjects.SkipValue(ref reader);
        }

        if (_primaryNames.Count == MaxNics)
            throw new ArmAnswerException($"{What} has more than {MaxNics} network interfaces");
        if (primary && name is not null)
            _primaryNames.Add(name);
    }

    private VirtualMachineNic Flag(VirtualMachineNic nic) =>
        nic.IsPrimary || !_primaryNames.Contains(nic.Id[(nic.Id.LastIndexOf('/') + 1)..], StringComparer.OrdinalIgnoreCase) ? nic : nic with { IsPrimary = true };

    private static bool ReadPrimary(ref Utf8JsonReader reader)
    {
        var primary = false;
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("primary"u8))
                primary = JsonObjects.Flag(ref reader, What);
            else
                JsonObjects.SkipValue(ref reader);
        }

        return primary;
    }

    private void ReadStatus(ref Utf8JsonReader reader)
    {
        while (JsonObjects.NextProperty(ref reader))
        {
            if (!reader.ValueTextEquals("code"u8))
            {
                JsonObjects.SkipValue(ref reader);
                continue;
            }

            var code = JsonObjects.Text(ref reader, What);
            if (code?.StartsWith(PowerPrefix, StringComparison.OrdinalIgnoreCase) == true)
                _power = code[PowerPrefix.Length..];
        }
    }

    private delegate void Element(ref Utf8JsonReader reader);
}
