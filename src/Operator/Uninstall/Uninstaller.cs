using System.Text;
using k8s;
using k8s.Models;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Operator.Uninstall;

/// <summary>
/// The release's end: operator and agents are stopped, every address of ours leaves Azure, pools and budgets go. It leads by the
/// operator's own lease and works with the operator's own controllers, so that it needs no operator that lives.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="time">The clock.</param>
/// <param name="space">Namespace of the release.</param>
/// <param name="tell">Told about progress.</param>
internal sealed class Uninstaller(IKubeApi api, TimeProvider time, string space, Action<string> tell)
{
    private const string FieldManager = "vnetcni-uninstall";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Word = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Runs to the end, or until cancelled. Throws <see cref="UninstallRefusedException"/> when pods use addresses, before anything is
    /// stopped where possible.
    /// </summary>
    public async Task DrainAsync(DrainPlan plan, OperatorInstance instance, CancellationToken cancellationToken)
    {
        await RefuseForUsersAsync(plan, stopped: false, cancellationToken);
        if (plan.Deployment.Length > 0)
            await StopOperatorsAsync(plan.Deployment, cancellationToken);
        if (plan.AgentDaemonSet.Length > 0)
            await StopAgentsAsync(plan.AgentDaemonSet, cancellationToken);
        // Nobody gives addresses to pods now: what this look sees is all.
        await RefuseForUsersAsync(plan, stopped: true, cancellationToken);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = instance.RunAsync(stop.Token);
        var drain = TakeBackAsync(instance, stop.Token);
        try
        {
            if (await Task.WhenAny(run, drain) == run && !cancellationToken.IsCancellationRequested)
                throw new UninstallRefusedException("the lease was lost to another operator: stop it (kubectl get lease names its holder), then uninstall again");
            await drain;
            tell("every address is taken back");
        }
        finally
        {
            stop.Cancel();
            await run;
        }
    }

    /// <summary>Waits until the DaemonSet that cleans the nodes up has a ready pod on each node that it is meant for.</summary>
    public Task AwaitCleanUpAsync(string daemonSet, CancellationToken cancellationToken) => UntilAsync(
        async () =>
        {
            var set = await RetryAsync(() => api.GetAsync(KubeKinds.DaemonSets, new ObjectKey(space, daemonSet), cancellationToken), cancellationToken)
                ?? throw new UninstallRefusedException($"there is no DaemonSet {space}/{daemonSet}");
            var status = set.Status;
            return status is not null && status.ObservedGeneration >= set.Metadata.Generation && status.NumberReady >= status.DesiredNumberScheduled
                ? null
                : $"{status?.NumberReady ?? 0} of {status?.DesiredNumberScheduled ?? 0} nodes are cleaned up";
        },
        cancellationToken);

    private async Task RefuseForUsersAsync(DrainPlan plan, bool stopped, CancellationToken cancellationToken)
    {
        if (plan.Force)
            return;
        var pools = await AllAsync(OperatorKinds.Pools, string.Empty, cancellationToken);
        var users = AddressUsers.Find(await AllAsync(KubeKinds.Pods, string.Empty, cancellationToken), pools);
        if (users.Count > 0)
            throw new UninstallRefusedException(AddressUsers.Refusal(users, stopped));
    }

    private async Task StopOperatorsAsync(string deployment, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(space, deployment);
        if (await RetryAsync(() => api.GetAsync(KubeKinds.Deployments, key, cancellationToken), cancellationToken) is null)
            return;
        tell($"stopping Deployment {deployment}");
        var none = Encoding.UTF8.GetBytes("""{"spec":{"replicas":0}}""");
        await RetryAsync(
            async () => (V1Deployment?)await api.PatchAsync(KubeKinds.Deployments, key, none, new KubePatchOptions(KubePatchType.Merge, FieldManager), cancellationToken),
            cancellationToken);
    }

    private async Task StopAgentsAsync(string daemonSet, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(space, daemonSet);
        var set = await RetryAsync(() => api.GetAsync(KubeKinds.DaemonSets, key, cancellationToken), cancellationToken);
        if (set is null)
            return;
        tell($"deleting DaemonSet {daemonSet}");
        await RetryAsync(
            async () =>
            {
                await api.DeleteAsync(KubeKinds.DaemonSets, key, new KubeDeleteOptions(set.Metadata.Uid), cancellationToken);
                return set;
            },
            cancellationToken);
        var selector = string.Join(',', (set.Spec?.Selector?.MatchLabels ?? new Dictionary<string, string>()).Select(static label => $"{label.Key}={label.Value}"));
        await UntilAsync(
            async () =>
            {
                var left = await AllAsync(KubeKinds.Pods, selector, cancellationToken, space);
                return left.Count == 0 ? null : $"{left.Count} agents still run, such as that of {left[0].Spec?.NodeName}; of a node that is gone: kubectl -n {space} delete pod {left[0].Metadata.Name} --force";
            },
            cancellationToken);
    }

    private async Task TakeBackAsync(OperatorInstance instance, CancellationToken cancellationToken)
    {
        await UntilAsync(() => Task.FromResult(instance.IsLeader ? null : "waiting for the lease"), cancellationToken);
        await UntilAsync(
            async () =>
            {
                var pools = await DeleteAllAsync(OperatorKinds.Pools, cancellationToken);
                return pools.Count == 0 ? null : $"{pools.Count} pools still hold {pools.Sum(static pool => pool.Status?.Held ?? 0)} addresses, such as {Describe(pools[0])}";
            },
            cancellationToken);
        await UntilAsync(
            async () => await DeleteAllAsync(OperatorKinds.VirtualNetworks, cancellationToken) is { Count: > 0 } left ? $"{left.Count} budgets are left" : null,
            cancellationToken);
    }

    private static string Describe(NodeIpPool pool)
    {
        var ready = pool.Status?.Conditions?.FirstOrDefault(static condition => condition.Type == "Ready");
        return $"{pool.Metadata.Name} ({ready?.Reason}: {ready?.Message})";
    }

    // Deletes those that are not being deleted yet; gives all that are left.
    private async Task<IReadOnlyList<T>> DeleteAllAsync<T>(KubeKind<T> kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var all = await AllAsync(kind, string.Empty, cancellationToken);
        foreach (var item in all.Where(static item => item.Metadata.DeletionTimestamp is null))
        {
            await RetryAsync(
                async () =>
                {
                    await api.DeleteAsync(kind, item.Key(), new KubeDeleteOptions(item.Metadata.Uid), cancellationToken);
                    return item;
                },
                cancellationToken);
        }

        return all;
    }

    private async Task<IReadOnlyList<T>> AllAsync<T>(KubeKind<T> kind, string selector, CancellationToken cancellationToken, string where = "")
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var all = new List<T>();
        var options = new KubeListOptions { Namespace = where, LabelSelector = selector, Limit = 500 };
        do
        {
            var page = (await RetryAsync(async () => (KubeList<T>?)await api.ListAsync(kind, options, cancellationToken), cancellationToken))!;
            all.AddRange(page.Items);
            options = options with { Continue = page.Continue };
        }
        while (options.Continue.Length > 0);
        return all;
    }

    private async Task UntilAsync(Func<Task<string?>> complaint, CancellationToken cancellationToken)
    {
        long? told = null;
        while (await complaint() is { } wrong)
        {
            if (told is null || time.GetElapsedTime(told.Value) > Word)
            {
                tell(wrong);
                told = time.GetTimestamp();
            }

            await Task.Delay(Look, time, cancellationToken);
        }
    }

    // The API server may be away for a moment; the Job's deadline ends the wait.
    private async Task<T?> RetryAsync<T>(Func<Task<T?>> call, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is KubeApiException { StatusCode: >= 500 or 429 or 409 } or HttpRequestException or IOException or TimeoutException)
            {
                tell($"the API server: {e.Message}");
                await Task.Delay(Look, time, cancellationToken);
            }
        }
    }
}
