using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Events;

/// <summary>Tells people what happened to an object (<c>kubectl describe</c>, <c>kubectl get events</c>).</summary>
public interface IEventRecorder
{
    /// <summary>A thing that went as it should. Never blocks, never throws.</summary>
    /// <param name="about">The object; its apiVersion, kind, name and uid are read.</param>
    /// <param name="reason">Why, in UpperCamelCase, from a fixed set.</param>
    /// <param name="message">One sentence with numbers and the next step.</param>
    void Normal(IKubernetesObject<V1ObjectMeta> about, string reason, string message);

    /// <summary>A thing that needs attention. Never blocks, never throws.</summary>
    /// <param name="about">The object; its apiVersion, kind, name and uid are read.</param>
    /// <param name="reason">Why, in UpperCamelCase, from a fixed set.</param>
    /// <param name="message">One sentence with numbers and the next step.</param>
    void Warning(IKubernetesObject<V1ObjectMeta> about, string reason, string message);
}
