namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>ETags of one resource in the order in which they were seen: tells a read of the past.</summary>
internal sealed class EtagHistory
{
    private const int Kept = 32;
    private const int Believed = 3;

    private readonly List<string> _etags = [];

    // The same past, read so often in a row.
    private (string Etag, int Times) _past = (string.Empty, 0);

    /// <summary>
    /// Notes the ETag of a read. False when the resource has moved on since: an ETag never comes back, so this read shows the past.
    /// </summary>
    /// <remarks>
    /// A stale read may show a past that this process never saw, after the present. What is read three times in a row is the present
    /// after all: otherwise the pool would wait until somebody else changes the interface. No safety hangs on it.
    /// </remarks>
    public bool IsNewest(string etag)
    {
        var at = _etags.LastIndexOf(etag);
        if (at >= 0 && at < _etags.Count - 1)
        {
            _past = (etag, _past.Etag == etag ? _past.Times + 1 : 1);
            if (_past.Times < Believed)
                return false;
            _etags.RemoveAt(at);
            _etags.Add(etag);
        }

        _past = (string.Empty, 0);
        if (at >= 0)
            return true;
        if (_etags.Count == Kept)
            _etags.RemoveAt(0);
        _etags.Add(etag);
        return true;
    }
}
