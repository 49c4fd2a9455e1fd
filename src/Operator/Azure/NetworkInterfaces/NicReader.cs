using System.Buffers;
using System.Text.Json;
using Vnetcni.Operator.Azure.Json;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>
/// Indexes the body of a network interface without copying it. Fields that decide what is ours must be unambiguous: a
/// repeated one is refused. All other fields may be anything.
/// </summary>
internal sealed class NicReader : IDisposable
{
    /// <summary>The largest body; 256 configurations take about 0.4 MB.</summary>
    internal const int MaxBytes = 8 * 1024 * 1024;

    private const int MaxConfigurations = 1024;
    private const string What = "a network interface";

    private readonly OwnedNames _names;
    private readonly IpConfigurationReader _each;
    private NicIpConfiguration[] _rented = ArrayPool<NicIpConfiguration>.Shared.Rent(NicSplice.MaxConfigurations);
    private int _count;
    private bool _seenProperties;
    private bool _seenArray;
    private string? _id;
    private string? _name;
    private string? _etag;
    private string _state = string.Empty;
    private string _mac = string.Empty;
    private string _guid = string.Empty;
    private string? _vm;
    private Range _array;

    private NicReader(OwnedNames names)
    {
        _names = names;
        _each = new IpConfigurationReader(names);
    }

    /// <summary>Reads a body. Throws <see cref="ArmAnswerException"/> for anything that is not a network interface.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="names">Which ipConfigurations are ours.</param>
    /// <param name="etagHeader">ETag header, or null.</param>
    /// <param name="lease">What the body lies in, or null.</param>
    /// <param name="writesElsewhere">Whether it is not written by this body: then it needs no ETag.</param>
    internal static NicView Read(ReadOnlyMemory<byte> utf8, OwnedNames names, string? etagHeader, IDisposable? lease, bool writesElsewhere = false)
    {
        if (utf8.Length > MaxBytes)
            throw new ArmAnswerException($"{What} is {utf8.Length} bytes long, more than {MaxBytes}");
        using var nic = new NicReader(names);
        try
        {
            nic.ReadResource(utf8.Span);
        }
        catch (Exception e) when (JsonObjects.IsMalformed(e))
        {
            throw JsonObjects.NotJson(What, e);
        }

        return nic.Make(utf8, writesElsewhere ? etagHeader ?? nic._etag ?? "none" : etagHeader, lease);
    }

    public void Dispose()
    {
        ArrayPool<NicIpConfiguration>.Shared.Return(_rented, clearArray: true);
        _rented = [];
    }

    private NicView Make(ReadOnlyMemory<byte> utf8, string? etagHeader, IDisposable? lease)
    {
        if (_id is null || _name is null || !_seenArray)
            throw new ArmAnswerException($"{What} lacks id, name or properties.ipConfigurations");
        if ((etagHeader ?? _etag) is not { Length: > 0 } etag)
            throw new ArmAnswerException($"{What} '{_name}' came without an ETag: it could not be written safely");
        var configurations = _rented.AsSpan(0, _count).ToArray();
        var primary = Array.FindIndex(configurations, static configuration => configuration.IsPrimary);
        if (primary < 0 && _count == 1)
            primary = 0;
        if (primary < 0 || Array.FindLastIndex(configurations, static configuration => configuration.IsPrimary) > primary)
            throw new ArmAnswerException($"{What} '{_name}' must have one primary ipConfiguration");
        if (configurations[primary].IsOurs)
            throw new ArmAnswerException($"the primary ipConfiguration of '{_name}' has a name with the prefix {_names.Prefix}; rename it: it must never be removed");
        return new NicView(configurations, primary)
        {
            Id = _id,
            Name = _name,
            ETag = etag,
            ProvisioningState = _state,
            MacAddress = _mac,
            ResourceGuid = _guid,
            VirtualMachineId = _vm,
            Raw = utf8,
            Array = _array,
            SecurityGroups = _each.PrimarySecurityGroups,
            Lease = lease,
        };
    }

    private void ReadResource(ReadOnlySpan<byte> utf8)
    {
        var reader = JsonObjects.Open(utf8, What);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("id"u8))
                _id = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("name"u8))
                _name = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("etag"u8))
                _etag = JsonObjects.Text(ref reader, What);
            else if (reader.ValueTextEquals("properties"u8))
                ReadProperties(ref reader);
            else
                JsonObjects.SkipValue(ref reader);
        }

        // Nothing may follow: the splice would carry it along.
        if (reader.Read())
            throw JsonObjects.Wrong(What, reader.TokenType);
    }

    private void ReadProperties(ref Utf8JsonReader reader)
    {
        Once(ref _seenProperties, "properties");
        reader.Read();
        JsonObjects.Expect(ref reader, JsonTokenType.StartObject, What);
        while (JsonObjects.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("ipConfigurations"u8))
                ReadArray(ref reader);
            else if (reader.ValueTextEquals("provisioningState"u8))
                _state = States.Read(ref reader, What);
            else if (reader.ValueTextEquals("macAddress"u8))
                _mac = JsonObjects.Text(ref reader, What)?.Replace('-', ':').ToLowerInvariant() ?? string.Empty;
            else if (reader.ValueTextEquals("resourceGuid"u8))
                _guid = JsonObjects.Text(ref reader, What) ?? string.Empty;
            else if (reader.ValueTextEquals("virtualMachine"u8))
                _vm = SubResource.ReadId(ref reader, What);
            else
                JsonObjects.SkipValue(ref reader);
        }
    }

    private void ReadArray(ref Utf8JsonReader reader)
    {
        Once(ref _seenArray, "ipConfigurations");
        reader.Read();
        JsonObjects.Expect(ref reader, JsonTokenType.StartArray, What);
        var start = (int)reader.BytesConsumed;
        while (JsonObjects.NextElement(ref reader))
        {
            if (_count == MaxConfigurations)
                throw new ArmAnswerException($"{What} has more than {MaxConfigurations} ipConfigurations");
            if (_count == _rented.Length)
                Grow();
            _rented[_count++] = _each.Read(ref reader);
        }

        _array = start..(int)reader.TokenStartIndex;
    }

    private void Grow()
    {
        var larger = ArrayPool<NicIpConfiguration>.Shared.Rent(_rented.Length * 2);
        _rented.CopyTo(larger, 0);
        ArrayPool<NicIpConfiguration>.Shared.Return(_rented, clearArray: true);
        _rented = larger;
    }

    private static void Once(ref bool seen, string field)
    {
        if (seen)
            throw new ArmAnswerException($"{What} has {field} twice");
        seen = true;
    }
}
