namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>One page of a list.</summary>
/// <param name="Items">Its objects in ordinal order of namespace and name.</param>
/// <param name="ResourceVersion">The version of the whole list; a watch may start here.</param>
/// <param name="Continue">Token of the next page; empty at the end.</param>
/// <param name="RemainingItems">Objects after this page; null where it is not counted (selectors, or the last page).</param>
public sealed record ListPage(IReadOnlyList<KubeObject> Items, string ResourceVersion, string Continue, long? RemainingItems);
