using System.Collections.Immutable;

namespace Vnetcni.Ipam.Planning;

/// <summary>A network interface as one GET by id showed it.</summary>
/// <param name="Etag">Its ETag; empty when it is gone.</param>
/// <param name="Incarnation">Its resourceGuid; empty when it is gone.</param>
/// <param name="Updating">Whether an operation runs on it: then nothing is decided from it.</param>
/// <param name="Owned">Our ipConfigurations, ordered by address.</param>
/// <param name="Foreign">Names of the other ipConfigurations, the primary included.</param>
public sealed record NicSnapshot(
    string Etag, string Incarnation, bool Updating, ImmutableArray<NicAddress> Owned, ImmutableArray<string> Foreign)
{
    /// <summary>Its ARM id, lower case; empty when it is gone or not known.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>The interface and its VM are gone.</summary>
    public static NicSnapshot Gone { get; } = new(string.Empty, string.Empty, Updating: false, [], []);

    /// <summary>Whether this is <see cref="Gone"/>.</summary>
    public bool IsGone => Etag.Length == 0;
}
