namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>One event of a watch.</summary>
/// <param name="Type"><c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c> or <c>BOOKMARK</c>.</param>
/// <param name="Object">The object; of a bookmark only kind, apiVersion and resourceVersion (and the annotation).</param>
public sealed record WatchEvent(string Type, KubeObject Object);
