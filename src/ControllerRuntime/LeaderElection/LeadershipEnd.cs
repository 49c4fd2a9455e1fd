namespace Vnetcni.ControllerRuntime.LeaderElection;

/// <summary>How a term of leadership ended.</summary>
public enum LeadershipEnd
{
    /// <summary>The caller asked to stop, while leading or before.</summary>
    Stopped,

    /// <summary>The lease could not be renewed in time or was taken by somebody else. The work was cancelled.</summary>
    Lost,

    /// <summary>The work ended by itself.</summary>
    WorkEnded,
}
