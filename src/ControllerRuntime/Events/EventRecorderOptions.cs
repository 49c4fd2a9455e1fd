namespace Vnetcni.ControllerRuntime.Events;

/// <summary>Names and limits of an <see cref="EventRecorder"/>.</summary>
public sealed record EventRecorderOptions
{
    /// <summary>Who reports, such as <c>vnetcni-operator</c>.</summary>
    public required string Component { get; init; }

    /// <summary>Which instance reports, such as the pod's name.</summary>
    public required string Instance { get; init; }

    /// <summary>Namespace of events about cluster-scoped objects.</summary>
    public string DefaultNamespace { get; init; } = "default";

    /// <summary>The same event within this time after its last occurrence raises a count instead of making a new one.</summary>
    public TimeSpan DedupeWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Writes about one object that may come at once.</summary>
    public int BurstPerObject { get; init; } = 25;

    /// <summary>After the burst, one write about an object per this time.</summary>
    public TimeSpan RefillPerObject { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Events that wait to be written; more are dropped.</summary>
    public int MaxPending { get; init; } = 1000;

    /// <summary>Events and objects remembered; the oldest are forgotten.</summary>
    public int MaxRemembered { get; init; } = 4096;

    /// <summary>How long the last events may take at the end.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(2);
}
