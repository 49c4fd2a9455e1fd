namespace Vnetcni.ArmSimulator.Journal;

/// <summary>One request and its answer.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="At">When it was served, on the simulator's clock.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="PathAndQuery">As asked.</param>
/// <param name="Status">HTTP status; 0 when the connection was dropped.</param>
/// <param name="Code">Error code (the most precise one), or null.</param>
/// <param name="Fault">Fault that fired, or null.</param>
/// <param name="EtagBefore">The NIC's etag before the request, or null.</param>
/// <param name="EtagAfter">The NIC's etag after the request, or null.</param>
public sealed record JournalEntry(
    long Number,
    DateTimeOffset At,
    string Method,
    string PathAndQuery,
    int Status,
    string? Code,
    string? Fault,
    string? EtagBefore,
    string? EtagAfter);

/// <summary>How many requests one route answered.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Route">Route template, e.g. <c>networkInterfaces/{name}</c>.</param>
/// <param name="Count">Requests, whatever the answer.</param>
/// <param name="Refused">Of these, answered with a status of 400 or more, or dropped.</param>
public sealed record RequestCount(string Method, string Route, long Count, long Refused);

/// <summary>Totals as ARM's quotas see them.</summary>
/// <param name="Reads">GET other than polls.</param>
/// <param name="Writes">PUT.</param>
/// <param name="Deletes">DELETE.</param>
/// <param name="Polls">GET of operations; they use the read quota too.</param>
/// <param name="Throttled">Answers with status 429.</param>
public sealed record RequestTotals(long Reads, long Writes, long Deletes, long Polls, long Throttled);
