using Microsoft.Extensions.Logging;
using Vnetcni.Api.Settings;
using Vnetcni.Dataplane;

namespace Vnetcni.NodeAgent.Pool;

/// <summary>
/// Brings the node into the mode that its pool asks for. A node with pods keeps the mode it has; it is asked again every minute,
/// so a drained node changes by itself.
/// </summary>
internal sealed partial class ModeKeeper(INodeNetwork network, TimeProvider time, ILogger logger)
{
    /// <summary>Between two tries.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private DataplaneMode? _wanted;
    private DataplaneMode? _inEffect;
    private string? _said;

    /// <summary>
    /// Tries once for each change. Throws <see cref="DataplaneException"/> when the node can't have the mode: then no address may
    /// be handed out, since pods of the other mode would be made.
    /// </summary>
    /// <param name="mode">See <see cref="DataplaneModes"/>. A value of a newer version changes nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task PublishAsync(string mode, CancellationToken cancellationToken)
    {
        _wanted = mode switch
        {
            DataplaneModes.Bridge => DataplaneMode.Bridge,
            DataplaneModes.Transparent => DataplaneMode.Transparent,
            _ => _wanted,
        };
        await TryAsync(cancellationToken);
    }

    /// <summary>Tries again until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, time, cancellationToken);
            try
            {
                await TryAsync(cancellationToken);
            }
            catch (DataplaneException e)
            {
                Failed(logger, _wanted, e.Message);
            }
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        if (_wanted is not { } wanted || wanted == _inEffect)
            return;
        var why = await network.UseModeAsync(wanted, cancellationToken);
        if (why is null)
        {
            if (_inEffect is not null || wanted != DataplaneMode.Transparent)
                Changed(logger, wanted);
            (_inEffect, _said) = (wanted, null);
        }
        else if (why != _said)
        {
            Kept(logger, why);
            _said = why;
        }
    }

    [LoggerMessage(EventId = 421, Level = LogLevel.Information, Message = "The node's data plane is in mode {Mode}")]
    private static partial void Changed(ILogger logger, DataplaneMode mode);

    [LoggerMessage(EventId = 422, Level = LogLevel.Warning, Message = "DataplaneModeKept: {Why}")]
    private static partial void Kept(ILogger logger, string why);

    [LoggerMessage(EventId = 423, Level = LogLevel.Error, Message = "The node's data plane can't be brought into mode {Mode}, it is tried again: {Error}")]
    private static partial void Failed(ILogger logger, DataplaneMode? mode, string error);
}
