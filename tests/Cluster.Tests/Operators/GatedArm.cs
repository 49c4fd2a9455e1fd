using Vnetcni.Operator.Azure;

namespace Vnetcni.Cluster.Tests.Operators;

/// <summary>A way to ARM that ends with its process: once closed, nothing more is sent.</summary>
internal sealed class GatedArm(IArm inner) : IArm
{
    public bool Closed { get; set; }

    /// <summary>Called with each request before it is sent.</summary>
    public Action<ArmRequest> Before { get; set; } = _ => { };

    public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        Before(request);
        return Closed ? throw new IOException("the process is dead") : inner.SendAsync(request, cancellationToken);
    }
}
