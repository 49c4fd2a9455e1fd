using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Journal;

/// <summary>The first line of a journal: what a simulator is made of.</summary>
/// <param name="Version">Of the format.</param>
/// <param name="Started">Its clock at the start.</param>
/// <param name="Seed">Where all chance comes from.</param>
/// <param name="Settings">Its settings.</param>
internal sealed record JournalHead(int Version, DateTimeOffset Started, ulong Seed, SimSettings Settings)
{
    public const int Current = 1;
}

/// <summary>One event that changed the simulator or drew chance, in the order in which they happened.</summary>
/// <param name="At">Its time.</param>
/// <param name="Do">open, serve, timer, seed, fault, remove-fault, clear-faults, foreign-write, power, remove-vm, model-reset, vnet, metadata, state.</param>
internal sealed record JournalEvent(DateTimeOffset At, string Do)
{
    /// <summary>Number of a call, timer or fault.</summary>
    public long? Number { get; set; }

    /// <summary>HTTP method of a call.</summary>
    public string? Method { get; set; }

    /// <summary>Path of a call, or the resource that something is done to.</summary>
    public string? Target { get; set; }

    /// <summary>The headers that the simulator looks at; the token is replaced by one that names the same principal.</summary>
    public Dictionary<string, string>? Headers { get; set; }

    /// <summary>Body of a call, base64.</summary>
    public string? Body { get; set; }

    /// <summary>Status answered; 0 when the connection was dropped.</summary>
    public int? Status { get; set; }

    /// <summary>Sum over the answer, or over the state.</summary>
    public string? Sum { get; set; }

    /// <summary>A power state.</summary>
    public string? Value { get; set; }

    /// <summary>New address ranges of a virtual network, or null.</summary>
    public IReadOnlyList<string>? AddressPrefixes { get; set; }

    /// <summary>New peerings of a virtual network, or null.</summary>
    public IReadOnlyList<ScenarioPeering>? Peerings { get; set; }

    /// <summary>Resources that were added.</summary>
    public Scenario? Scenario { get; set; }

    /// <summary>A rule that was added.</summary>
    public Fault? Fault { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalHead))]
[JsonSerializable(typeof(JournalEvent))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class JournalJson : JsonSerializerContext;
