using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>What became of a delete: exactly one of the two is the answer's body.</summary>
/// <param name="Object">The object, where it is still there or its kind answers with it; else null.</param>
/// <param name="Status">The Success status; else null.</param>
public sealed record DeleteResult(KubeObject? Object, ApiStatus? Status);
