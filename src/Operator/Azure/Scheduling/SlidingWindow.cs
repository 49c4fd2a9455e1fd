namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>
/// At most so many calls in any stretch of a window's length: where ARM's fixed windows begin is not known. It counts in thirtieths of
/// the window, so a call counts for up to a thirtieth longer than it must.
/// </summary>
/// <param name="limit">Calls in a window.</param>
/// <param name="length">Length of the window.</param>
internal sealed class SlidingWindow(int limit, TimeSpan length)
{
    private const int Slots = 31;
    private readonly int[] _counts = new int[Slots];
    private readonly long _slotTicks = length.Ticks / (Slots - 1);
    private long _slot;
    private int _sum;

    /// <summary>How long until one more call may go, behind so many others.</summary>
    public TimeSpan WaitFor(TimeSpan now, int ahead = 0)
    {
        Move(now);
        var over = _sum + ahead - limit + 1;
        if (over <= 0)
            return TimeSpan.Zero;
        // The oldest slot that is still counted leaves first.
        for (var age = Slots - 1; age >= 0; age--)
        {
            over -= _counts[Index(_slot - age)];
            if (over <= 0)
                return TimeSpan.FromTicks(((_slot - age + Slots) * _slotTicks) - now.Ticks);
        }

        // Behind more than one window holds: those ahead fill the windows to come.
        return length * (1 + ((double)over / limit));
    }

    /// <summary>One call goes.</summary>
    public void Take(TimeSpan now)
    {
        Move(now);
        _counts[Index(_slot)]++;
        _sum++;
    }

    private static int Index(long slot) => (int)(((slot % Slots) + Slots) % Slots);

    private void Move(TimeSpan now)
    {
        var slot = now.Ticks / _slotTicks;
        if (slot - _slot >= Slots)
        {
            Array.Clear(_counts);
            _sum = 0;
            _slot = slot;
            return;
        }

        while (_slot < slot)
        {
            ref var gone = ref _counts[Index(++_slot)];
            _sum -= gone;
            gone = 0;
        }
    }
}
