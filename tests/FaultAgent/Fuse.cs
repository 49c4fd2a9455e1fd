using System.Runtime.InteropServices;

namespace Vnetcni.FaultAgent;

/// <summary>
/// Counts the half steps of this process on the outside world - before and after each call on the checkpoint and the kernel -
/// and kills it with SIGKILL at one of them, as the kernel's out-of-memory killer would.
/// </summary>
/// <param name="dieAt">The half step to die at, counted from the start; negative = never.</param>
internal sealed partial class Fuse(int dieAt)
{
    private const int Kill = 9;
    private readonly Lock _gate = new();
    private int _dieAt = dieAt;
    private int _steps;

    public int Steps
    {
        get
        {
            lock (_gate)
                return _steps;
        }
    }

    /// <summary>Dies at that half step from now on; 0 is the next.</summary>
    public void Arm(int steps)
    {
        lock (_gate)
            _dieAt = _steps + steps;
    }

    public void Half()
    {
        lock (_gate)
        {
            if (_steps++ != _dieAt)
                return;
            _ = Signal(Environment.ProcessId, Kill);
            Thread.Sleep(Timeout.Infinite);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
