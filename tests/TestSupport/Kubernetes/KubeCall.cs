using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>One call on the in-memory server, as fault hooks see it.</summary>
/// <param name="Client">Name of the client.</param>
/// <param name="Verb">get, list, watch, create, replace, patch or delete.</param>
/// <param name="Resource">The plural.</param>
/// <param name="Key">The object; its name is empty for list, and watch.</param>
/// <param name="Subresource"><c>status</c>, or empty.</param>
public sealed record KubeCall(string Client, string Verb, string Resource, ObjectKey Key, string Subresource = "")
{
    public bool IsWrite => Verb is "create" or "replace" or "patch" or "delete";

    public override string ToString() =>
        $"{Client} {Verb} {Resource} {Key}{(Subresource.Length == 0 ? "" : "/" + Subresource)}";
}
