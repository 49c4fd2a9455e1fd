namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>
/// What is thought to be left in one of ARM's token buckets. Between answers it is reckoned from the documented refill; each answer's
/// remaining-quota header corrects it, whoever else used it. Times are since any fixed moment.
/// </summary>
/// <param name="size">Tokens of a full bucket.</param>
/// <param name="perSecond">Tokens that come back each second.</param>
/// <param name="left">Share of the bucket that is never used up.</param>
internal sealed class TokenBucket(double size, double perSecond, double left)
{
    private double _tokens = size;
    private double _size = size;
    private TimeSpan _at;
    private int _underWay;

    /// <summary>Tokens that may still be taken.</summary>
    public double Usable(TimeSpan now)
    {
        Refill(now);
        return _tokens - (left * _size);
    }

    /// <summary>Whether most of what may be taken is.</summary>
    public bool IsLow(TimeSpan now) => Usable(now) < _size * (1 - left) / 4;

    /// <summary>How long until one more call may go, behind so many others.</summary>
    public TimeSpan WaitFor(TimeSpan now, int ahead = 0)
    {
        var missing = 1 + ahead - Usable(now);
        return missing <= 1e-9 ? TimeSpan.Zero : TimeSpan.FromSeconds(missing / perSecond);
    }

    /// <summary>One call goes.</summary>
    public void Take(TimeSpan now)
    {
        Refill(now);
        _tokens--;
        _underWay++;
    }

    /// <summary>One call has come back, with what ARM says is left, or without a word about it.</summary>
    public void Return(int? remaining, TimeSpan now)
    {
        Refill(now);
        _underWay = Math.Max(0, _underWay - 1);
        if (remaining is not >= 0)
            return;
        // What is under way may not be in the number yet: the smaller number is the safe one.
        _tokens = remaining.Value - _underWay;
        _size = Math.Max(_size, remaining.Value);
    }

    private void Refill(TimeSpan now)
    {
        if (now <= _at)
            return;
        _tokens = Math.Min(_size, _tokens + ((now - _at).TotalSeconds * perSecond));
        _at = now;
    }
}
