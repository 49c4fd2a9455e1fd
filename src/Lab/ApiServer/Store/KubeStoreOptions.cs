namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>What a store is given from outside.</summary>
/// <param name="NewUid">Makes a uid.</param>
/// <param name="NewSuffix">Makes the five characters after a generateName.</param>
/// <param name="HistoryWindow">Changes that a watch can go back.</param>
/// <param name="MaxObjectBytes">The most bytes of one object as JSON; 0 for any number.</param>
public sealed record KubeStoreOptions(Func<string> NewUid, Func<string> NewSuffix, int HistoryWindow = 10_000, int MaxObjectBytes = 0);
