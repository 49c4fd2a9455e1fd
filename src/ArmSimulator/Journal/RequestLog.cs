using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Journal;

/// <summary>The last requests, and counters over all of them.</summary>
internal sealed class RequestLog(int capacity)
{
    private readonly Queue<JournalEntry> _entries = new();
    private readonly SortedDictionary<(string Route, string Method), (long Count, long Refused)> _routes = [];
    private long _number;
    private long _reads, _writes, _deletes, _polls, _throttled;

    public IReadOnlyList<JournalEntry> Entries => [.. _entries];

    public IReadOnlyList<RequestCount> Counters
    {
        get
        {
            var result = new List<RequestCount>(_routes.Count);
            foreach (var (key, value) in _routes)
                result.Add(new RequestCount(key.Method, key.Route, value.Count, value.Refused));
            return result;
        }
    }

    public RequestTotals Totals => new(_reads, _writes, _deletes, _polls, _throttled);

    public void Add(Route route, JournalEntry entry)
    {
        _entries.Enqueue(entry with { Number = ++_number });
        while (_entries.Count > capacity)
            _entries.Dequeue();

        // Methods come from outside: unknown ones share a counter, so that it stays bounded.
        var method = entry.Method is "GET" or "PUT" or "DELETE" or "PATCH" or "POST" ? entry.Method : "OTHER";
        var (count, refused) = _routes.GetValueOrDefault((route.Template, method));
        _routes[(route.Template, method)] = (count + 1, refused + (entry.Status is 0 or >= 400 ? 1 : 0));
        if (entry.Status == 429)
            _throttled++;
        if (method == "PUT")
            _writes++;
        else if (method == "DELETE")
            _deletes++;
        else if (route.OperationId is not null)
            _polls++;
        else
            _reads++;
    }
}
