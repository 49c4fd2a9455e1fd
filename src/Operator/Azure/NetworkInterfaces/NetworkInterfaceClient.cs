using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>
/// Reads and writes network interfaces by id.
/// Source: https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces
/// </summary>
/// <param name="arm">ARM.</param>
/// <param name="names">Which ipConfigurations are ours.</param>
public sealed class NetworkInterfaceClient(IArm arm, OwnedNames names)
{
    /// <summary>Full type of a network interface.</summary>
    public const string ResourceType = "Microsoft.Network/networkInterfaces";

    /// <summary>
    /// A consistent read. Throws <see cref="IOException"/> when there was no answer and <see cref="ArmAnswerException"/> for
    /// one that is not a network interface or not this one.
    /// </summary>
    public async Task<ArmResult<NicView>> GetAsync(ResourceId nic, CancellationToken cancellationToken)
    {
        var response = await arm.SendAsync(new ArmRequest("GET", Path(nic)), cancellationToken);
        try
        {
            if (!response.IsSuccess)
            {
                using (response)
                    return new ArmResult<NicView>(null, ArmErrors.Of(response));
            }

            var view = NicReader.Read(response.Body, names, response.ETag, response);
            if (!nic.ToString().Equals(view.Id, StringComparison.OrdinalIgnoreCase))
                throw new ArmAnswerException($"asked for {nic}, ARM answered another interface");
            return new ArmResult<NicView>(view, null);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a body under the ETag that it was made from. Throws <see cref="IOException"/> when there was no answer: the
    /// write may have happened.
    /// </summary>
    public async Task<NicPutOutcome> PutAsync(ResourceId nic, ReadOnlyMemory<byte> body, string ifMatch, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(ifMatch);
        using var response = await arm.SendAsync(new ArmRequest("PUT", Path(nic)) { Body = body, IfMatch = ifMatch }, cancellationToken);
        return new NicPutOutcome
        {
            Status = response.Status,
            Error = response.IsSuccess ? null : ArmErrors.Of(response),
            OperationUrl = response.AsyncOperation ?? response.Location,
            RetryAfter = response.RetryAfter,
            CorrelationId = response.CorrelationId,
        };
    }

    private static string Path(ResourceId nic)
    {
        ArgumentNullException.ThrowIfNull(nic);
        return nic.IsOfType(ResourceType)
            ? $"{nic}?api-version={ArmApiVersions.Network}"
            : throw new ArgumentException($"{nic} is not a network interface", nameof(nic));
    }
}
