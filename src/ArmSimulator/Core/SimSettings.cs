namespace Vnetcni.ArmSimulator.Core;

/// <summary>What a PUT of a NIC meets while another operation runs on it. Azure's behaviour is not documented: a client must pass under all three.</summary>
public enum ConcurrentPutMode
{
    /// <summary>429 RetryableError, with the detail RetryableErrorDueToAnotherOperation.</summary>
    Reject429,

    /// <summary>The running operation ends Canceled (CanceledAndSupersededDueToAnotherOperation) and the new one goes ahead.</summary>
    Supersede,

    /// <summary>409 AnotherOperationInProgress with the URL of the running operation.</summary>
    Conflict409,
}

/// <summary>How a Dynamic ipConfiguration gets its address.</summary>
public enum AddressAssignment
{
    /// <summary>The lowest free address of the subnet.</summary>
    LowestFree,

    /// <summary>Any free address, drawn from the seed.</summary>
    RandomFree,

    /// <summary>The next free address after the one handed out last, around the subnet.</summary>
    NextFit,
}

/// <summary>
/// Who may have an address that a PUT gives back. Azure's behaviour is not documented: a client must pass under all three. A configuration of a
/// Uniform scale set's model that has waited for an address may have one at once under all of them.
/// </summary>
public enum FreedAddresses
{
    /// <summary>Newcomers of later PUTs: one that needs more than is free beforehand is refused (SubnetIsFull).</summary>
    NextWrite,

    /// <summary>Newcomers of the same PUT too, when nothing else is free.</summary>
    LastResort,

    /// <summary>Newcomers of the same PUT, as if nobody had held it.</summary>
    AtOnce,
}

/// <summary>Settings of a simulator. The defaults follow Azure's documented limits and recorded behaviour.</summary>
public sealed record SimSettings
{
    /// <summary>What a second PUT meets while an operation runs.</summary>
    public ConcurrentPutMode ConcurrentPut { get; init; } = ConcurrentPutMode.Reject429;

    /// <summary>How Dynamic addresses are chosen.</summary>
    public AddressAssignment Assignment { get; init; } = AddressAssignment.LowestFree;

    /// <summary>Who may have an address that a PUT gives back.</summary>
    public FreedAddresses FreedAddresses { get; init; } = FreedAddresses.LastResort;

    /// <summary>How long operations take.</summary>
    public LatencySettings Latency { get; init; } = new();

    /// <summary>Request quotas.</summary>
    public ThrottleSettings Throttle { get; init; } = new();

    /// <summary>ipConfigurations whose name starts with this prefix belong to the client under test; all others are foreign to it.</summary>
    public string OwnedPrefix { get; init; } = "vnetcni-";

    /// <summary>Most private addresses of one NIC.</summary>
    public int MaxAddressesPerNic { get; init; } = 256;

    /// <summary>Most private addresses of one VM, over all its NICs.</summary>
    public int MaxAddressesPerVm { get; init; } = 256;

    /// <summary>Most private addresses of one virtual network.</summary>
    public int MaxAddressesPerVnet { get; init; } = 65_536;

    /// <summary>Resources per page of a LIST.</summary>
    public int PageSize { get; init; } = 100;

    /// <summary>Answers 401 to a request without a bearer token. The HTTP listener turns it on.</summary>
    public bool RequireAuthorization { get; init; }

    /// <summary>Whether the end of an operation changes the etag once more. A client must not keep the etag of a PUT answer.</summary>
    public bool EtagChangesOnCompletion { get; init; } = true;

    /// <summary>When the interfaces of a Uniform scale set's VM follow its model.</summary>
    public ModelFollowing ModelFollowing { get; init; } = ModelFollowing.AtEnd;

    /// <summary>Retry-After values (seconds) of accepted PUTs, drawn from the seed; 0 means that the header is left out. A <see cref="LatencySettings.Scale"/> below 1 shortens them too.</summary>
    public IReadOnlyList<int> AcceptedRetryAfter { get; init; } = [10, 3, 1, 0];

    /// <summary>Above this number of addresses a subnet no longer lists its ipConfigurations, as seen with large subnets.</summary>
    public int SubnetListsAtMost { get; init; } = 512;

    /// <summary>Scheme and host of the URLs in answers to a request that has no Host header.</summary>
    public string BaseUri { get; init; } = "https://management.azure.com";

    /// <summary>Most requests kept in the journal; the oldest goes first.</summary>
    public int JournalCapacity { get; init; } = 10_000;

    /// <summary>Most finished operations that can still be polled; the oldest goes first.</summary>
    public int FinishedOperationsKept { get; init; } = 10_000;
}

/// <summary>When the interfaces of a Uniform scale set's VM follow its model. Not documented: a client must pass under all three.</summary>
public enum ModelFollowing
{
    /// <summary>With the model's change, Updating until the operation ends.</summary>
    AtOnce,

    /// <summary>When the operation ends.</summary>
    AtEnd,

    /// <summary><see cref="LatencySettings.ScaleSetLagSeconds"/> after the operation has ended.</summary>
    Later,
}

/// <summary>How long an operation runs: lognormal, plus a term for each address that changes.</summary>
public sealed record LatencySettings
{
    /// <summary>Median seconds of a PUT of an attached NIC.</summary>
    public double AttachedMedianSeconds { get; init; } = 4;

    /// <summary>99th percentile in seconds of a PUT of an attached NIC.</summary>
    public double AttachedP99Seconds { get; init; } = 30;

    /// <summary>Median seconds of an operation on a NIC without a VM.</summary>
    public double DetachedMedianSeconds { get; init; } = 0.5;

    /// <summary>99th percentile in seconds of an operation on a NIC without a VM.</summary>
    public double DetachedP99Seconds { get; init; } = 3;

    /// <summary>Median seconds of a PUT of a Uniform scale set's VM.</summary>
    public double ScaleSetMedianSeconds { get; init; } = 15;

    /// <summary>99th percentile in seconds of a PUT of a Uniform scale set's VM.</summary>
    public double ScaleSetP99Seconds { get; init; } = 60;

    /// <summary>Seconds by which interfaces follow a model that is <see cref="ModelFollowing.Later"/>.</summary>
    public double ScaleSetLagSeconds { get; init; } = 5;

    /// <summary>Seconds added for each address that is added or removed.</summary>
    public double PerAddressSeconds { get; init; } = 0.02;

    /// <summary>Seconds that any request takes before and after it is served, together; 0 answers at once.</summary>
    public double RequestSeconds { get; init; }

    /// <summary>Multiplies all of the above. 0.02 suits a demo, 0 ends an operation after one millisecond.</summary>
    public double Scale { get; init; } = 1;
}

/// <summary>Request quotas. Azure documents token buckets for ARM and five-minute windows for Microsoft.Network.</summary>
public sealed record ThrottleSettings
{
    /// <summary>False lets everything pass; the remaining-quota headers are still sent.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>ARM reads: bucket size per subscription and principal.</summary>
    public double ReadBucket { get; init; } = 250;

    /// <summary>ARM reads: tokens per second.</summary>
    public double ReadRefill { get; init; } = 25;

    /// <summary>ARM writes: bucket size per subscription and principal.</summary>
    public double WriteBucket { get; init; } = 200;

    /// <summary>ARM writes: tokens per second.</summary>
    public double WriteRefill { get; init; } = 10;

    /// <summary>ARM deletes: bucket size per subscription and principal.</summary>
    public double DeleteBucket { get; init; } = 200;

    /// <summary>ARM deletes: tokens per second.</summary>
    public double DeleteRefill { get; init; } = 10;

    /// <summary>The quotas of the subscription as a whole are this many times those of one principal.</summary>
    public double GlobalFactor { get; init; } = 15;

    /// <summary>Microsoft.Network: PUT and DELETE per window and subscription.</summary>
    public int NetworkWritesPerWindow { get; init; } = 1_000;

    /// <summary>Microsoft.Network: GET per window and subscription.</summary>
    public int NetworkReadsPerWindow { get; init; } = 10_000;

    /// <summary>Length of the Microsoft.Network window in seconds.</summary>
    public double NetworkWindowSeconds { get; init; } = 300;

    /// <summary>Microsoft.Compute: bucket of the updates of one VM. https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits</summary>
    public double VmUpdateBucket { get; init; } = 12;

    /// <summary>Microsoft.Compute: tokens per second of that bucket (4 a minute).</summary>
    public double VmUpdateRefill { get; init; } = 4 / 60.0;

    /// <summary>Microsoft.Compute: VM updates per minute and subscription.</summary>
    public int VmUpdatesPerMinute { get; init; } = 1_500;
}
