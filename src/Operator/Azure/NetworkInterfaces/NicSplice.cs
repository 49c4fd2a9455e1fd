using System.Buffers;
using System.Text.Json;
using Vnetcni.Operator.Azure.Http;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>A configuration to add. Its subnet and application security groups are the primary's: ARM wants them equal.</summary>
/// <param name="Name">A name of ours that is not on the interface.</param>
/// <param name="Address">Null lets ARM choose (Dynamic); else this one (Static).</param>
public sealed record NicAddition(string Name, string? Address = null);

/// <summary>The next body of a network interface. Dispose it after the PUT.</summary>
public sealed class NicBody : IDisposable
{
    private readonly PooledBody _body;

    internal NicBody(PooledBody body) => _body = body;

    /// <summary>UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Utf8 => _body.Written;

    /// <inheritdoc/>
    public void Dispose() => _body.Dispose();
}

/// <summary>
/// Makes the body of a PUT from that of the GET before it: our configurations are added or cut out, every other byte stays,
/// known to the product or not, white space included.
/// </summary>
public static class NicSplice
{
    /// <summary>
    /// Private addresses that fit an interface.
    /// Source: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
    /// </summary>
    public const int MaxConfigurations = 256;

    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    /// <summary>
    /// Makes the body. Throws <see cref="ArgumentException"/> when a name to add or remove is not ours, a name to add is on the
    /// interface already (a slot is free again only when a later GET shows it gone), a name to remove is not, an address
    /// is asked of a uniform scale set, or the result would have more than <see cref="MaxConfigurations"/>.
    /// </summary>
    /// <param name="nic">The interface as it was read.</param>
    /// <param name="names">What is ours.</param>
    /// <param name="add">Configurations to add.</param>
    /// <param name="remove">Names of configurations to remove.</param>
    public static NicBody Apply(NicView nic, OwnedNames names, IReadOnlyList<NicAddition> add, IReadOnlyCollection<string> remove)
    {
        ArgumentNullException.ThrowIfNull(nic);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(add);
        ArgumentNullException.ThrowIfNull(remove);
        Check(nic, names, add, remove);
        var gone = new HashSet<string>(remove, StringComparer.OrdinalIgnoreCase);
        var raw = nic.Raw.Span;
        var subnet = nic.Primary.SubnetId;
        var groups = raw[nic.SecurityGroups];
        var body = new PooledBody(raw.Length + (add.Count * (256 + (subnet?.Length ?? 0) + groups.Length)));
        try
        {
            CopyAround(body, raw, 0, nic.Array.Start.Value, nic.Omitted);
            var last = CopyKept(body, nic, gone);
            Append(body, add, subnet, groups, nic.IsOfScaleSet);
            CopyAround(body, raw, last, raw.Length, nic.Omitted);
            return new NicBody(body);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static void CopyAround(PooledBody body, ReadOnlySpan<byte> raw, int from, int to, Range omitted)
    {
        var (start, end) = (omitted.Start.Value, omitted.End.Value);
        if (start < end && start >= from && end <= to)
        {
            body.Write(raw[from..start]);
            from = end;
        }

        body.Write(raw[from..to]);
    }

    /// <summary>Where the last element ends, kept or not. Each kept element goes with the bytes (comma, white space) in front of it; the first one's come from the array's start.</summary>
    private static int CopyKept(PooledBody body, NicView nic, HashSet<string> gone)
    {
        var raw = nic.Raw.Span;
        var end = nic.Array.Start.Value;
        var first = true;
        foreach (var configuration in nic.IpConfigurations)
        {
            if (!configuration.IsInBody)
                continue;
            var before = end;
            var start = configuration.Bytes.Start.Value;
            end = configuration.Bytes.End.Value;
            if (gone.Contains(configuration.Name))
                continue;
            var gap = raw[before..start];
            if (first)
            {
                var comma = gap.IndexOf((byte)',');
                gap = comma < 0 ? gap : gap[(comma + 1)..];
            }

            body.Write(gap);
            body.Write(raw[start..end]);
            first = false;
        }

        return end;
    }

    private static void Append(PooledBody body, IReadOnlyList<NicAddition> add, string? subnet, ReadOnlySpan<byte> groups, bool scaleSet)
    {
        if (add.Count == 0)
            return;
        using var writer = new Utf8JsonWriter(body, Unchecked);
        foreach (var addition in add)
        {
            // The primary always stays in front, so that a comma is always due.
            body.Write(","u8);
            writer.Reset();
            writer.WriteStartObject();
            writer.WriteString("name"u8, addition.Name);
            writer.WriteStartObject("properties"u8);
            if (addition.Address is not null)
                writer.WriteString("privateIPAddress"u8, addition.Address);
            // The model of a scale set's VM has no allocation method.
            if (!scaleSet)
                writer.WriteString("privateIPAllocationMethod"u8, addition.Address is null ? "Dynamic"u8 : "Static"u8);
            writer.WriteString("privateIPAddressVersion"u8, "IPv4"u8);
            writer.WriteBoolean("primary"u8, false);
            writer.WriteStartObject("subnet"u8);
            writer.WriteString("id"u8, subnet);
            writer.WriteEndObject();
            if (!groups.IsEmpty)
            {
                writer.WritePropertyName("applicationSecurityGroups"u8);
                writer.WriteRawValue(groups, skipInputValidation: true);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.Flush();
        }
    }

    private static void Check(NicView nic, OwnedNames names, IReadOnlyList<NicAddition> add, IReadOnlyCollection<string> remove)
    {
        var present = new HashSet<string>(nic.IpConfigurations.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var configuration in nic.IpConfigurations)
        {
            if (!present.Add(configuration.Name))
                throw new ArgumentException($"'{nic.Name}' has two ipConfigurations named '{configuration.Name}'", nameof(nic));
        }

        var count = present.Count + add.Count;
        foreach (var addition in add)
        {
            if (!names.TryGetSlot(addition.Name, out _) || addition.Name.Length > 80)
                throw new ArgumentException($"'{addition.Name}' is not a name of ours ({names.Prefix}<slot>)", nameof(add));
            if (nic.IsOfScaleSet && addition.Address is not null)
                throw new ArgumentException($"'{addition.Name}' asks for {addition.Address}; a uniform scale set chooses all addresses itself", nameof(add));
            if (!present.Add(addition.Name))
                throw new ArgumentException($"'{addition.Name}' is on '{nic.Name}' already", nameof(add));
        }

        if (add.Count != 0 && nic.Primary.SubnetId is null)
            throw new ArgumentException($"the primary ipConfiguration of '{nic.Name}' names no subnet", nameof(nic));
        foreach (var name in remove)
        {
            var found = nic.Find(name);
            if (found is not { IsOurs: true, IsPrimary: false } || !names.IsOurs(name))
                throw new ArgumentException($"'{name}' is not an ipConfiguration of ours on '{nic.Name}'", nameof(remove));
            count--;
        }

        if (count > MaxConfigurations && add.Count != 0)
            throw new ArgumentException($"'{nic.Name}' would have {count} ipConfigurations; {MaxConfigurations} fit", nameof(add));
    }
}
