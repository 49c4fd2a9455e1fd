namespace Vnetcni.Lab.ApiServer.Status;

/// <summary>A request that is refused, with the Status that says why.</summary>
/// <param name="status">The answer.</param>
public sealed class ApiStatusException(ApiStatus status) : Exception(status.Message)
{
    /// <summary>The answer.</summary>
    public ApiStatus Status { get; } = status;
}
