namespace Vnetcni.Api.Names;

/// <summary>
/// Field managers of server-side apply: who owns which part of an object.
/// Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
/// </summary>
public static class FieldManagers
{
    /// <summary>The operator, for <c>status</c> without <c>status.usage</c>.</summary>
    public const string OperatorStatus = "vnetcni-operator";

    /// <summary>The operator, for <c>spec</c> and finalizers of objects that it made.</summary>
    public const string OperatorSpec = "vnetcni-operator-spec";

    /// <summary>A node's agent, for <c>status.usage</c>.</summary>
    public const string Agent = "vnetcni-agent";
}
