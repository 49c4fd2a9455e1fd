using System.Text.Json;
using System.Text.Json.Serialization;
using Vnetcni.ArmSimulator.Addresses;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Invariants;
using Vnetcni.ArmSimulator.Journal;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>JSON of the admin API. A member that it does not know is an error, so that a typo shows.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(Scenario))]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(IReadOnlyList<FaultStatus>))]
[JsonSerializable(typeof(IReadOnlyList<JournalEntry>))]
[JsonSerializable(typeof(AddressSnapshot))]
[JsonSerializable(typeof(InvariantReport))]
[JsonSerializable(typeof(CounterReport))]
[JsonSerializable(typeof(Clock))]
[JsonSerializable(typeof(Added))]
[JsonSerializable(typeof(AdminError))]
[JsonSerializable(typeof(Ready))]
internal sealed partial class SimJson : JsonSerializerContext;

internal sealed record InvariantReport(IReadOnlyList<Violation> Violations);

internal sealed record CounterReport(RequestTotals Totals, IReadOnlyList<RequestCount> Routes);

internal sealed record Clock(double Speed)
{
    public DateTimeOffset? Now { get; init; }
}

internal sealed record Added(int Id);

internal sealed record AdminError(string Error);

/// <summary>What --ready-file holds.</summary>
internal sealed record Ready(int ArmPort, int AdminPort, int ImdsPort, string ArmUri, string AdminUri, string ImdsUri, string? Certificate, int ProcessId);
