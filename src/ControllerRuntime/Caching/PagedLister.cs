using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.Caching;

/// <summary>Reads a whole list page by page.</summary>
/// <param name="api">Where to read.</param>
/// <param name="kind">What to read.</param>
/// <param name="options">Selectors and page size.</param>
/// <param name="resourceVersion">Empty for a consistent list, <c>0</c> for one from the server's cache (not paged).</param>
internal sealed class PagedLister<T>(IKubeApi api, KubeKind<T> kind, WatchCacheOptions<T> options, string resourceVersion)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// All pages, consistent with each other, and their version. A continue token that expires on the way (410) makes it
    /// start over, in one piece: that cannot expire.
    /// </summary>
    public async Task<(List<T> Items, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        var items = new List<T>();
        var next = string.Empty;
        while (true)
        {
            KubeList<T> page;
            try
            {
                page = await PageAsync(resourceVersion == "0" ? 0 : options.PageSize, next, cancellationToken);
            }
            catch (KubeApiException e) when (e.IsGone && next.Length > 0)
            {
                page = await PageAsync(0, string.Empty, cancellationToken);
                items.Clear();
            }

            items.AddRange(page.Items);
            if (page.Continue.Length == 0)
                return (items, page.ResourceVersion);
            if (page.Continue == next)
                throw new InvalidDataException("a list goes on with the page that it has just shown");
            next = page.Continue;
        }
    }

    private Task<KubeList<T>> PageAsync(int limit, string next, CancellationToken cancellationToken) =>
        api.ListAsync(
            kind,
            new KubeListOptions
            {
                Namespace = options.Namespace,
                LabelSelector = options.LabelSelector,
                FieldSelector = options.FieldSelector,
                Limit = limit,
                Continue = next,
                ResourceVersion = resourceVersion,
            },
            cancellationToken);
}
