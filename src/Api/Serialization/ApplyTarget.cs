namespace Vnetcni.Api.Serialization;

/// <summary>The object that an apply body is for, and the state of it that the decision was computed from.</summary>
/// <param name="Name"><c>metadata.name</c>.</param>
/// <param name="ResourceVersion">Makes the write conditional (409 when the object has moved); null leaves it unconditional.</param>
/// <param name="Uid">Refused (409, or 422 by older servers) when the object is another one of that name; null leaves it out.</param>
public readonly record struct ApplyTarget(string Name, string? ResourceVersion, string? Uid = null)
{
    /// <summary>A write to an object as it was read.</summary>
    public static ApplyTarget Of(k8s.Models.V1ObjectMeta metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return new ApplyTarget(metadata.Name, metadata.ResourceVersion, metadata.Uid);
    }
}
