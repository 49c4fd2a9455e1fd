using System.Net;
using Microsoft.Extensions.Logging;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Traps;

namespace Vnetcni.NodeAgent.Snat;

/// <summary>
/// Says which traps the node is in: once at the start, and once more when the pods' addresses are known. Nothing is changed,
/// and nothing waits for it.
/// </summary>
internal sealed partial class NodeTraps(Func<NodeObservation> observe, ILogger logger)
{
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>Looks, and logs what was not said before. Returns all findings.</summary>
    public IReadOnlyList<NodeFinding> Report(IReadOnlyCollection<IPAddress> podAddresses, int podMtu)
    {
        NodeObservation node;
        try
        {
            node = observe();
        }
        catch (DataplaneException e)
        {
            NotObserved(logger, e.Message);
            return [];
        }

        var findings = TrapFinder.Find(node, podAddresses, podMtu);
        foreach (var finding in findings)
        {
            if (!_said.Add(finding.Code))
                continue;
            if (finding.Breaks)
                Breaks(logger, finding.Code, finding.Cause, finding.NextStep);
            else
                MayBreak(logger, finding.Code, finding.Cause, finding.NextStep);
        }

        return findings;
    }

    [LoggerMessage(EventId = 411, Level = LogLevel.Error, Message = "{Code}: {Cause}. Next step: {NextStep}")]
    private static partial void Breaks(ILogger logger, string code, string cause, string nextStep);

    [LoggerMessage(EventId = 412, Level = LogLevel.Warning, Message = "{Code}: {Cause}. Next step: {NextStep}")]
    private static partial void MayBreak(ILogger logger, string code, string cause, string nextStep);

    [LoggerMessage(EventId = 413, Level = LogLevel.Warning, Message = "The node's settings could not be looked at: {Error}")]
    private static partial void NotObserved(ILogger logger, string error);
}
