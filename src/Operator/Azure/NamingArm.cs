namespace Vnetcni.Operator.Azure;

/// <summary>Names the silence of ARM, so that nobody takes it for the API server's.</summary>
/// <param name="inner">ARM.</param>
internal sealed class NamingArm(IArm inner) : IArm
{
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.SendAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
        {
            throw new ArmUnreachableException(e.Message, e);
        }
    }
}
