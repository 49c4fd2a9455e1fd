namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>The process is dead: what it does from here on has no effect.</summary>
internal sealed class CrashException() : Exception("killed");

/// <summary>Counts the steps that a process makes on the outside world, and kills it before or after one of them.</summary>
internal sealed class FaultPoints
{
    private int _count;

    /// <summary>The half step to die at; 2n = before step n, 2n + 1 = right after it.</summary>
    public int? DieAt { get; set; }

    public bool Dead { get; private set; }

    /// <summary>Half steps made.</summary>
    public int Steps => _count;

    public void Before() => Half();

    public void After() => Half();

    public void Revive()
    {
        Dead = false;
        DieAt = null;
        _count = 0;
    }

    private void Half()
    {
        if (Dead)
            throw new CrashException();
        if (_count++ != DieAt)
            return;
        Dead = true;
        throw new CrashException();
    }
}
