namespace Vnetcni.Operator.Azure.Inventory;

/// <summary>What is kept of a network interface that a LIST showed.</summary>
/// <param name="ETag">Its ETag: whoever knows it knows the whole interface.</param>
/// <param name="SubnetId">Subnet of its primary ipConfiguration.</param>
/// <param name="ResourceGuid">Another guid is another interface.</param>
internal sealed record ListedInterface(string ETag, string? SubnetId, string ResourceGuid);
