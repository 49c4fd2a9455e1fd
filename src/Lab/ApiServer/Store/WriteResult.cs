namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>What became of a create, update or patch.</summary>
/// <param name="Object">The object after it (for a last finalizer removed: as it was just before it went).</param>
/// <param name="Created">Whether it is new (201).</param>
/// <param name="Warnings">For <c>Warning: 299 - "..."</c> headers.</param>
public sealed record WriteResult(KubeObject Object, bool Created, IReadOnlyList<string> Warnings);
