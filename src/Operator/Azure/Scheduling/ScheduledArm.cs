using System.Globalization;
using System.Text;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>
/// All calls to ARM go through this: each waits until the quotas allow it, the most urgent first. It decides nothing itself, see
/// <see cref="CallQuota"/>. A call that would wait for long is answered <see cref="HeldBack"/> at once, and one that more urgent ones have
/// kept waiting for that long is so then: no call holds a worker.
/// </summary>
internal sealed class ScheduledArm : IArm
{
    /// <summary>Code of a call that was not sent, since its quota is used up for a while.</summary>
    public const string HeldBack = "HeldBackByOperator";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PassedOver = TimeSpan.FromSeconds(5);

    // What is prepared takes about as long: the quota is never idle, and few workers wait for it.
    private static readonly TimeSpan WorthPreparing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(1);
    private readonly IArm _inner;
    private readonly TimeProvider _time;
    private readonly CallQuota _quota;
    private readonly Dictionary<(string Subscription, bool IsWrite), CallQueue> _queues = [];
    private readonly Dictionary<string, WriteTurns> _turns = [];
    private readonly Lock _gate = new();
    private readonly long _origin;

    /// <param name="inner">ARM.</param>
    /// <param name="time">The clock.</param>
    /// <param name="settings">The limits. Throws <see cref="ArgumentException"/> when they are out of bounds.</param>
    public ScheduledArm(IArm inner, TimeProvider time, QuotaSettings settings)
    {
        settings.Validate();
        (_inner, _time, _quota, _origin) = (inner, time, new CallQuota(settings), time.GetTimestamp());
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>
    /// Zero when a write of this interface is worth preparing now, for there will be quota for it; else after how long to ask again. What is
    /// read for a write that then has to wait is read in vain, and holds up the looks at what was written.
    /// </summary>
    /// <param name="nic">The interface.</param>
    /// <param name="starves">Whether pods wait for it: it goes before others.</param>
    /// <param name="isBack">Whether it was told to ask again, and does: those who were told so after it do not go first.</param>
    public TimeSpan TurnToWrite(ResourceId nic, bool starves, bool isBack)
    {
        var call = ArmCall.Of(new ArmRequest("PUT", nic.ToString()));
        lock (_gate)
        {
            var now = Now;
            var turns = _turns.GetValueOrDefault(call.Subscription);
            var ahead = (_queues.GetValueOrDefault((call.Subscription, true))?.Count ?? 0) + (isBack ? 0 : turns?.Ahead(starves, now) ?? 0);
            var wait = _quota.WaitFor(call, now, ahead);
            if (wait <= WorthPreparing)
            {
                if (turns?.IsEmpty(now) == true)
                    _turns.Remove(call.Subscription);
                return TimeSpan.Zero;
            }

            (turns ?? (_turns[call.Subscription] = new WriteTurns())).Take(starves, now + wait);
            return wait;
        }
    }

    /// <summary>Whether most reads that may go at once in the interface's subscription have gone.</summary>
    public bool ReadsAreScarce(ResourceId nic)
    {
        var call = ArmCall.Of(new ArmRequest("GET", nic.ToString()));
        lock (_gate)
            return _quota.IsLow(call, Now);
    }

    /// <inheritdoc/>
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        var call = ArmCall.Of(request);
        var began = Now;
        if (await AdmitAsync(call, request.Priority ?? (call.IsPoll ? ArmPriority.Poll : ArmPriority.Normal), cancellationToken) is { } held)
            return held;
        Metrics.Waited(call, Now - began);
        ArmResponse response;
        try
        {
            response = await _inner.SendAsync(request, cancellationToken);
        }
        catch (Exception e)
        {
            // Without a token nothing was sent; an answer that cannot be taken is one.
            var says = e is OperationCanceledException or ArmCredentialException or ArmAnswerException || e.InnerException is ArmCredentialException;
            lock (_gate)
                _quota.Silent(call, cancelled: says, Now);
            Tell(call, "none");
            throw;
        }

        Note(call, response);
        return response;
    }

    private async Task<ArmResponse?> AdmitAsync(ArmCall call, ArmPriority priority, CancellationToken cancellationToken)
    {
        CallQueue? queue;
        CallQueue.Place place;
        var began = Now;
        lock (_gate)
        {
            if (!_queues.TryGetValue((call.Subscription, call.IsWrite), out queue))
                _queues[(call.Subscription, call.IsWrite)] = queue = new CallQueue();
            place = queue.Join(priority);
        }

        try
        {
            while (true)
            {
                TimeSpan wait;
                Task? turn = null;
                lock (_gate)
                {
                    var now = Now;
                    if (_quota.OpenFor(call, now) is { Ticks: > 0 } open)
                        throw new ArmUnreachableException(string.Create(CultureInfo.InvariantCulture, $"{CircuitBreaker.Threshold} {call.Operation}s in a row got no answer or a 5xx; the next one is tried in {open.TotalSeconds:F0} s"));
                    wait = _quota.WaitFor(call, now);
                    if (wait > LongestWait)
                        return Held(wait);
                    if (now - began > LongestWait)
                        return Held(wait > PassedOver ? wait : PassedOver);
                    if (!queue.IsFirst(place))
                    {
                        if (place.Turn.Task.IsCompleted)
                            place.Turn = new TaskCompletionSource();
                        turn = place.Turn.Task;
                    }
                    else if (wait <= TimeSpan.Zero)
                    {
                        _quota.Take(call, now);
                        return null;
                    }
                }

                if (turn is not null)
                    await TurnAsync(turn, LongestWait - (Now - began), cancellationToken);
                else
                    await Task.Delay(Nap(wait, LongestNap), _time, cancellationToken);
            }
        }
        finally
        {
            TaskCompletionSource? next;
            lock (_gate)
            {
                next = queue.Leave(place);
                if (queue.Count == 0)
                    _queues.Remove((call.Subscription, call.IsWrite));
            }

            next?.TrySetResult();
        }
    }

    private async Task TurnAsync(Task turn, TimeSpan most, CancellationToken cancellationToken)
    {
        try
        {
            await turn.WaitAsync(Nap(most, LongestWait), _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The loop sees how long it has been.
        }
    }

    // A wait below a millisecond is none.
    private static TimeSpan Nap(TimeSpan wait, TimeSpan longest)
    {
        var whole = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(wait.TotalMilliseconds)));
        return whole < longest ? whole : longest;
    }

    private void Note(ArmCall call, ArmResponse response)
    {
        TimeSpan? throttled = null;
        if (response.Status == 429)
        {
            var error = ArmErrors.Of(response);
            if (error.Cause == ArmCause.Throttled)
                throttled = error.RetryAfter ?? TimeSpan.Zero;
        }

        lock (_gate)
            _quota.Answered(call, response.Status, call.IsWrite ? response.RemainingWrites : response.RemainingReads, throttled, Now);
        if (throttled is not null)
            Metrics.Throttled(call);
        Tell(call, Metrics.CodeOf(response.Status));
    }

    private void Tell(ArmCall call, string code)
    {
        (double Usable, bool Open) state;
        lock (_gate)
            state = _quota.Worst(call.IsWrite, Now);
        Metrics.Called(call, code, state.Usable, state.Open);
    }

    private static ArmResponse Held(TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"error":{"code":"{{{HeldBack}}}","message":"the call was not sent: the quota of the subscription is used up for {{{seconds}}} s"}}""");
        return new ArmResponse(429, Encoding.UTF8.GetBytes(body)) { RetryAfter = TimeSpan.FromSeconds(seconds) };
    }
}
