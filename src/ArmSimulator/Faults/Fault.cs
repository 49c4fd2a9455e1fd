namespace Vnetcni.ArmSimulator.Faults;

/// <summary>What a fault does to a request that it matches.</summary>
public enum FaultKind
{
    /// <summary>Answers <see cref="Fault.Status"/> and <see cref="Fault.Code"/>; nothing is done.</summary>
    Error,

    /// <summary>Does what was asked, then answers <see cref="Fault.Status"/> and <see cref="Fault.Code"/>.</summary>
    ErrorAfterCommit,

    /// <summary>Ends the connection; nothing is done.</summary>
    DropBeforeCommit,

    /// <summary>Does what was asked, then ends the connection without an answer.</summary>
    DropAfterCommit,

    /// <summary>The answer comes <see cref="Fault.DelaySeconds"/> later.</summary>
    Delay,

    /// <summary>Headers come at once, the body in small parts over <see cref="Fault.DelaySeconds"/>.</summary>
    SlowBody,

    /// <summary>Instance metadata and wireserver answer what was true <see cref="Fault.DelaySeconds"/> ago.</summary>
    MetadataLag,

    /// <summary>A GET or LIST of NICs answers the state before the last change.</summary>
    StaleRead,

    /// <summary>Another tool adds an ipConfiguration to the NIC: just before a matched PUT, or just after a matched GET.</summary>
    ForeignWrite,

    /// <summary>Leaves Retry-After out of the answer.</summary>
    NoRetryAfter,

    /// <summary>Upper-cases the ids in the answer.</summary>
    ChangeIdCase,

    /// <summary>A PUT or DELETE is accepted; its operation ends Failed with <see cref="Fault.Code"/>.</summary>
    FailOperation,

    /// <summary>A PUT or DELETE is accepted; its operation ends Canceled.</summary>
    CancelOperation,

    /// <summary>
    /// A PUT of a Uniform scale set's VM is accepted and its operation succeeds, but its interfaces stay as they were (200-but-no-effect).
    /// With <see cref="Fault.WithoutEffect"/> its model stays too.
    /// </summary>
    NoEffect,

    /// <summary>Just before a matched request the model of the scale set's VM is reset to what its scale set says, as by an upgrade or a re-image.</summary>
    ModelReset,
}

/// <summary>One fault rule. All conditions must hold; each match is counted.</summary>
public sealed record Fault
{
    // Setters, not init: the JSON source generator overwrites the default of an init-only property that is absent.
    /// <summary>What happens.</summary>
    public FaultKind Kind { get; set; }

    /// <summary>HTTP method, or null for any (a <see cref="FaultKind.ForeignWrite"/> then means PUT).</summary>
    public string? Method { get; set; }

    /// <summary>Route template as in the counters, e.g. <c>networkInterfaces/{name}</c>; null for any.</summary>
    public string? Route { get; set; }

    /// <summary>Pattern for the path without its query, <c>*</c> for any characters, case ignored; null for any.</summary>
    public string? Path { get; set; }

    /// <summary>Lets this many matches pass first.</summary>
    public int Skip { get; set; }

    /// <summary>Fires at most this often; null for ever.</summary>
    public int? Count { get; set; }

    /// <summary>Chance that a match fires, 0 to 1, drawn from the simulator's seed.</summary>
    public double Probability { get; set; } = 1;

    /// <summary>Fires only from this many seconds after the simulator's start.</summary>
    public double FromSeconds { get; set; }

    /// <summary>Fires only before this many seconds after the simulator's start; null for ever.</summary>
    public double? UntilSeconds { get; set; }

    /// <summary>With <see cref="ForSeconds"/>: fires only in the first part of each period of this length, which start at <see cref="FromSeconds"/>.</summary>
    public double? EverySeconds { get; set; }

    /// <summary>How much of each period of <see cref="EverySeconds"/> it fires in.</summary>
    public double? ForSeconds { get; set; }

    /// <summary>HTTP status of an error answer; null for the one that Azure gives with <see cref="Code"/>.</summary>
    public int? Status { get; set; }

    /// <summary>Error code of the answer or of the operation.</summary>
    public string Code { get; set; } = "InternalServerError";

    /// <summary>Error message; null for the one that Azure gives with <see cref="Code"/>.</summary>
    public string? Message { get; set; }

    /// <summary>Code of the one entry in the error's details, or null.</summary>
    public string? DetailCode { get; set; }

    /// <summary>Retry-After of an error answer in seconds, or null.</summary>
    public int? RetryAfter { get; set; }

    /// <summary>Length of a <see cref="FaultKind.Delay"/>, <see cref="FaultKind.SlowBody"/> or <see cref="FaultKind.MetadataLag"/> in seconds.</summary>
    public double DelaySeconds { get; set; }

    /// <summary>For a failed or cancelled operation: true when the PUT has no effect; false when its ipConfigurations stay although it failed.</summary>
    public bool WithoutEffect { get; set; }
}

/// <summary>A fault rule with its number and how often it fired.</summary>
/// <param name="Id">Number given when it was added.</param>
/// <param name="Fault">The rule.</param>
/// <param name="Fired">How often it fired.</param>
public sealed record FaultStatus(int Id, Fault Fault, int Fired);
