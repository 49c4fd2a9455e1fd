using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.ScaleSets;
using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>
/// Reads and writes network interfaces by id. One of a uniform scale set looks like any other: it is read from the model of its VM and
/// from the interface, and written through the VM; its ETag is the VM's.
/// Source: https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces
/// </summary>
/// <param name="arm">ARM.</param>
/// <param name="names">Which ipConfigurations are ours.</param>
public sealed class NetworkInterfaceClient(IArm arm, OwnedNames names)
{
    /// <summary>Full type of a network interface.</summary>
    public const string ResourceType = "Microsoft.Network/networkInterfaces";

    private readonly ScaleSetInterfaceClient _scaleSets = new(arm, names);

    /// <summary>Whether an id is that of a network interface that can be read and written here, of whatever kind of VM.</summary>
    public static bool Knows(ResourceId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id.IsOfType(ResourceType) || id.IsOfType(ScaleSetInterfaceClient.ResourceType);
    }

    /// <summary>
    /// A consistent read. Throws <see cref="IOException"/> when there was no answer and <see cref="ArmAnswerException"/> for
    /// one that is not a network interface or not this one.
    /// </summary>
    public Task<ArmResult<NicView>> GetAsync(ResourceId nic, CancellationToken cancellationToken) => GetAsync(nic, ArmPriority.Normal, cancellationToken);

    /// <summary>The same, with how urgent it is when calls wait for quota.</summary>
    public async Task<ArmResult<NicView>> GetAsync(ResourceId nic, ArmPriority priority, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(nic);
        if (nic.IsOfType(ScaleSetInterfaceClient.ResourceType))
            return await _scaleSets.GetAsync(nic, priority, cancellationToken);
        var response = await arm.SendAsync(new ArmRequest("GET", Path(nic)) { Priority = priority }, cancellationToken);
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
    /// Writes a body under the <see cref="NicView.ETag"/> that it was made from. Throws <see cref="IOException"/> when there was no answer: the
    /// write may have happened.
    /// </summary>
    public Task<NicPutOutcome> PutAsync(ResourceId nic, ReadOnlyMemory<byte> body, string ifMatch, CancellationToken cancellationToken) =>
        PutAsync(nic, body, ifMatch, ArmPriority.Normal, cancellationToken);

    /// <summary>The same, with how urgent it is when calls wait for quota.</summary>
    public async Task<NicPutOutcome> PutAsync(
        ResourceId nic, ReadOnlyMemory<byte> body, string ifMatch, ArmPriority priority, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(ifMatch);
        ArgumentNullException.ThrowIfNull(nic);
        if (nic.IsOfType(ScaleSetInterfaceClient.ResourceType))
            ifMatch = ScaleSetEtag.ForHeader(ifMatch);
        using var response = await arm.SendAsync(new ArmRequest("PUT", Path(nic)) { Body = body, IfMatch = ifMatch, Priority = priority }, cancellationToken);
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
        if (nic.IsOfType(ScaleSetInterfaceClient.ResourceType))
            return ScaleSetInterfaceClient.VmPath(nic);
        return nic.IsOfType(ResourceType)
            ? $"{nic}?api-version={ArmApiVersions.Network}"
            : throw new ArgumentException($"{nic} is not a network interface", nameof(nic));
    }
}
