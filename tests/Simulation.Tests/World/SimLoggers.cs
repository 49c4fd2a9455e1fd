using Microsoft.Extensions.Logging;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>The log of one process as part of the timeline.</summary>
internal sealed class SimLoggers(SimTimeline timeline, SimProcess process) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the timeline is the only log");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || process.IsDead)
            return;
        timeline.Add($"{process.Name} {logLevel.ToString().ToLowerInvariant()[..4]}: {formatter(state, exception)}{(exception is null ? "" : " " + exception.Message)}");
        if (logLevel == LogLevel.Critical)
            timeline.Fault($"{process.Name}: {formatter(state, exception)}");
    }

    public void Dispose()
    {
    }
}
