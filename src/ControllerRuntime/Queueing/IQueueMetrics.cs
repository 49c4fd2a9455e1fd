namespace Vnetcni.ControllerRuntime.Queueing;

/// <summary>What a queue reports. Calls come under the queue's lock: an implementation must not call the queue.</summary>
public interface IQueueMetrics
{
    /// <summary>The number of keys ready to be handed out changed by this much.</summary>
    void DepthChanged(int by);

    /// <summary>A key was handed out after it was ready for this long.</summary>
    void HandedOut(TimeSpan waited);

    /// <summary>A key was added after a failure.</summary>
    void Retried();
}
