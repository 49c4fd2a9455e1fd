using Microsoft.Extensions.Time.Testing;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>A wall clock that somebody sets; timers and timestamps go on as they were.</summary>
internal sealed class SettableClock() : FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    /// <summary>How far it was set, forwards or back.</summary>
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;

    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
}
