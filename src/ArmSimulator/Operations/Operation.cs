using System.Text.Json.Nodes;

namespace Vnetcni.ArmSimulator.Operations;

/// <summary>How an operation will end once its time is up.</summary>
internal enum OperationEnd
{
    Succeeded,
    Failed,
    Canceled,
}

/// <summary>A long-running operation.</summary>
internal sealed class Operation(Guid id, string kind, string nicKey)
{
    public Guid Id { get; } = id;

    public const string PutScaleSetVm = "PutVirtualMachineScaleSetVMOperation";

    /// <summary>PutNetworkInterfaceOperation, DeleteNetworkInterfaceOperation or <see cref="PutScaleSetVm"/>.</summary>
    public string Kind { get; } = kind;

    /// <summary>Key of the NIC, or of the scale set's VM.</summary>
    public string NicKey { get; } = nicKey;

    /// <summary>InProgress, Succeeded, Failed or Canceled.</summary>
    public string Status { get; set; } = "InProgress";

    public JsonObject? Error { get; set; }

    public OperationEnd End { get; init; } = OperationEnd.Succeeded;

    /// <summary>Seconds a poll is told to wait; 0 says nothing.</summary>
    public int RetryAfter { get; init; }

    /// <summary>Whether another tool than the client under test asked for it.</summary>
    public bool ByForeigner { get; init; }

    public ITimer? Timer { get; set; }

    public bool IsDelete => Kind.StartsWith("Delete", StringComparison.Ordinal);

    public JsonObject Render()
    {
        var body = new JsonObject { ["status"] = Status };
        if (Error is not null)
            body["error"] = Error.DeepClone();
        return body;
    }
}
