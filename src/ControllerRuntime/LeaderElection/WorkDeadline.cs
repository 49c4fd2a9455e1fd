namespace Vnetcni.ControllerRuntime.LeaderElection;

/// <summary>A token that is cancelled at a time which can be put off, but never taken back once it has come.</summary>
internal sealed class WorkDeadline : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly ITimer timer;

    public WorkDeadline(TimeProvider time, TimeSpan after) =>
        timer = time.CreateTimer(_ => source.Cancel(), null, NotNegative(after), Timeout.InfiniteTimeSpan);

    public CancellationToken Token => source.Token;

    public void PutOff(TimeSpan after) => timer.Change(NotNegative(after), Timeout.InfiniteTimeSpan);

    public void Cancel() => source.Cancel();

    // The source stays: a timer that fires at this moment must find it, and it holds nothing that needs freeing.
    public void Dispose() => timer.Dispose();

    private static TimeSpan NotNegative(TimeSpan value) => value < TimeSpan.Zero ? TimeSpan.Zero : value;
}
