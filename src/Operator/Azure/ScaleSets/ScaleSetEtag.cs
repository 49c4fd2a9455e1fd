namespace Vnetcni.Operator.Azure.ScaleSets;

/// <summary>
/// The ETag of an interface of a uniform scale set, as the product carries it: that of its VM's model, and which machine it is of. Models
/// count <c>"1"</c>, <c>"2"</c>..., anew with every VM, and instance ids are given again: the number alone would come back.
/// Source: https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-instance-ids
/// </summary>
internal static class ScaleSetEtag
{
    /// <summary>Names a version of a model among all machines.</summary>
    internal static string Of(string model, string incarnation) => $"{model}@{incarnation.ToLowerInvariant()}";

    /// <summary>What If-Match takes: the model's own ETag.</summary>
    internal static string ForHeader(string etag) => etag.LastIndexOf('@') is > 0 and var at ? etag[..at] : etag;
}
