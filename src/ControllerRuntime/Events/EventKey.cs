using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.Events;

/// <summary>What makes two events the same one.</summary>
internal sealed record EventKey(
    string ApiVersion, string Kind, ObjectKey About, string Uid, string Type, string Reason, string Message)
{
    /// <summary>The object alone: what the rate is limited by.</summary>
    public (string Kind, ObjectKey About, string Uid) Subject => (Kind, About, Uid);
}
