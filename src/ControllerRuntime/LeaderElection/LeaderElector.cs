using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;

namespace Vnetcni.ControllerRuntime.LeaderElection;

/// <summary>
/// Lets one of several processes work, by a Lease. The work's token is cancelled at the renew deadline, which comes before anybody
/// else may take the lease, also when every call hangs. Expiry is judged by local observation, not by comparing clocks.
/// </summary>
/// <remarks>
/// A lease cannot stop a process that is paused and woken after its time: writes need their own guard (resourceVersion,
/// ETag, or <see cref="Term"/> as a fence). Source: https://kubernetes.io/docs/concepts/architecture/leases/
/// </remarks>
public sealed class LeaderElector
{
    private readonly LeaderElectionOptions options;
    private readonly TimeProvider time;
    private readonly Jitter jitter;
    private readonly RuntimeObserver observer;
    private readonly LeaseClient leases;
    private readonly ObservedLease observed;
    private readonly string name;
    private readonly TimeSpan callLimit;
    private long renewedAt;
    private volatile WorkDeadline? term;

    /// <summary>Makes an elector that does nothing yet. Throws <see cref="ArgumentException"/> for times out of order.</summary>
    public LeaderElector(
        IKubeApi api, LeaderElectionOptions options, TimeProvider time, Jitter jitter, RuntimeObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (this.options, this.time, this.jitter) = (options, time, jitter);
        this.observer = observer ?? RuntimeObserver.None;
        leases = new LeaseClient(api, options, time);
        observed = new ObservedLease(time);
        name = $"{options.Namespace}/{options.Name}";
        // Room for two tries that hang before the deadline comes.
        callLimit = options.RenewDeadline / 3;
    }

    /// <summary>Whether the work may go on at this moment.</summary>
    public bool IsLeader => term is { Token.IsCancellationRequested: false } && Remaining > TimeSpan.Zero;

    /// <summary>
    /// The lease's count of transitions when this process took it: grows with every change of holder, so a higher term
    /// is a later one. -1 before the first.
    /// </summary>
    public int Term { get; private set; } = -1;

    private TimeSpan Remaining => options.RenewDeadline - time.GetElapsedTime(Volatile.Read(ref renewedAt));

    /// <summary>
    /// Waits for the lease, runs <paramref name="work"/> for one term and gives the lease back when the work has ended.
    /// What the work throws comes out of here, except its own cancellation.
    /// </summary>
    public async Task<LeadershipEnd> RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        while (!await TryAcquireAsync(cancellationToken))
        {
            if (!await PauseAsync(jitter.Lengthen(options.RetryPeriod, 0.2), cancellationToken))
                return LeadershipEnd.Stopped;
        }

        Term = observed.Transitions;
        observer.LeadershipGained(name, options.Identity, Term);
        using var deadline = new WorkDeadline(time, Remaining);
        term = deadline;
        var job = Task.CompletedTask;
        var reason = "WorkFailed";
        try
        {
            // Not disposed: work that outlives its term still cancels it.
            var ended = new CancellationTokenSource();
            job = WorkAsync(work, ended, deadline.Token);
            var lost = await RenewUntilEndAsync(job, deadline, ended.Token, cancellationToken);
            var end = lost ? LeadershipEnd.Lost
                : cancellationToken.IsCancellationRequested ? LeadershipEnd.Stopped
                : LeadershipEnd.WorkEnded;
            reason = end.ToString();
            return end;
        }
        finally
        {
            term = null;
            observer.LeadershipEnded(name, options.Identity, reason);
            // While the work is still under way the lease must not be given away.
            if (job.IsCompleted)
                await ReleaseAsync();
        }
    }

    private static async Task WorkAsync(Func<CancellationToken, Task> work, CancellationTokenSource ended, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            ended.Cancel();
        }
    }

    private async Task<bool> TryAcquireAsync(CancellationToken cancellationToken)
    {
        try
        {
            observed.See(await leases.GetAsync(callLimit, cancellationToken));
            // Our own name: a write of ours whose answer was lost.
            if (observed.Holder != options.Identity && !observed.IsFree(options.LeaseDuration))
                return false;
            await WriteAsync(LeaseRecord.Taken(observed.Lease, options, Now), cancellationToken);
            return Remaining > TimeSpan.Zero;
        }
        catch (Exception e) when (IsTransient(e) && !cancellationToken.IsCancellationRequested)
        {
            observer.LeaseCallFailed(name, e);
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // True when the lease was lost. Renewing goes on while the work winds down, so that nobody starts beside it.
    private async Task<bool> RenewUntilEndAsync(
        Task job, WorkDeadline deadline, CancellationToken ended, CancellationToken cancellationToken)
    {
        long? stopAsked = null;
        using var stop = cancellationToken.Register(deadline.Cancel);
        while (await PauseAsync(options.RetryPeriod, ended))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                stopAsked ??= time.GetTimestamp();
                if (time.GetElapsedTime(stopAsked.Value) >= options.StopTimeout)
                    return false;
            }
            else if (deadline.Token.IsCancellationRequested)
            {
                await WindDownAsync(job);
                return true;
            }

            if (await TryRenewAsync(deadline, ended))
                continue;
            deadline.Cancel();
            await WindDownAsync(job);
            return true;
        }

        await job;
        return !cancellationToken.IsCancellationRequested && deadline.Token.IsCancellationRequested;
    }

    private async Task WindDownAsync(Task job)
    {
        try
        {
            await job.WaitAsync(options.StopTimeout, time);
        }
        catch (TimeoutException) when (!job.IsCompleted)
        {
            observer.LeaseCallFailed(name, new TimeoutException($"the work goes on {options.StopTimeout} after it was cancelled"));
        }
    }

    // False when somebody else holds the lease, or it is gone.
    private async Task<bool> TryRenewAsync(WorkDeadline deadline, CancellationToken ended)
    {
        try
        {
            await WriteAsync(LeaseRecord.Renewed(observed.Lease!, options, Now), ended);
            deadline.PutOff(Remaining);
        }
        catch (KubeApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return await IsStillOursAsync(e, ended);
        }
        catch (Exception e) when (IsTransient(e) || ended.IsCancellationRequested)
        {
            if (!ended.IsCancellationRequested)
                observer.LeaseCallFailed(name, e);
        }

        return true;
    }

    private async Task<bool> IsStillOursAsync(KubeApiException cause, CancellationToken ended)
    {
        observer.LeaseCallFailed(name, cause);
        try
        {
            // Ours in a newer version: a renewal whose answer was lost, or a label was put on. The next try renews it.
            observed.See(await leases.GetAsync(callLimit, ended));
            return observed.Holder == options.Identity;
        }
        catch (Exception e) when (IsTransient(e) || ended.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task WriteAsync(V1Lease lease, CancellationToken cancellationToken)
    {
        // Others count from when they see the write, which is after this moment.
        var begun = time.GetTimestamp();
        observed.See(await leases.WriteAsync(lease, callLimit, cancellationToken));
        Volatile.Write(ref renewedAt, begun);
    }

    private async Task ReleaseAsync()
    {
        using var limit = new CancellationTokenSource(options.ReleaseTimeout, time);
        try
        {
            for (var tries = 0; tries < 2 && observed is { Lease: { } held } && observed.Holder == options.Identity; tries++)
            {
                try
                {
                    observed.See(await leases.WriteAsync(LeaseRecord.Released(held, options, Now), options.ReleaseTimeout, limit.Token));
                }
                catch (KubeApiException e) when (e.IsConflict)
                {
                    observed.See(await leases.GetAsync(options.ReleaseTimeout, limit.Token));
                }
            }
        }
        catch (Exception e) when (IsTransient(e))
        {
            // It expires by itself.
            observer.LeaseCallFailed(name, e);
        }
    }

    private async Task<bool> PauseAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private static bool IsTransient(Exception e) =>
        e is KubeApiException or HttpRequestException or IOException or TimeoutException or OperationCanceledException
            or System.Text.Json.JsonException;
}
