using System.Diagnostics;
using System.Globalization;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>A process of the agent's own classes in a node's namespace, which kills itself at a given half step.</summary>
public sealed class FaultAgent : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private bool _disposed;

    private FaultAgent(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Half steps since the start.</summary>
    public int Steps => int.Parse(Ask("steps"), CultureInfo.InvariantCulture);

    /// <summary>Netlink sends since the start; the process dies before one of them.</summary>
    public int Sends => int.Parse(Ask("sends"), CultureInfo.InvariantCulture);

    /// <summary>address=state, separated by blanks.</summary>
    public string Records => Ask("records");

    public static FaultAgent Start(TestNetns node, string socket, string pool, int dieAt = -1, int? lookEvery = null)
    {
        // This project's output folder with the other project's name in it.
        var folder = AppContext.BaseDirectory.Replace("CniBinary.Tests", "FaultAgent", StringComparison.Ordinal);
        var start = new ProcessStartInfo(Path.Combine(folder, "Vnetcni.FaultAgent"), [socket, pool, dieAt.ToString(CultureInfo.InvariantCulture), .. lookEvery is { } ms ? [ms.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>()])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new FaultAgent(node.Run(() => Process.Start(start)!));
    }

    /// <summary>True once it serves; false when it died before.</summary>
    public bool BecomesReady() => _process.StandardOutput.ReadLine() == "ready";

    /// <summary>The same for an agent that has no reason to die.</summary>
    public FaultAgent Serving() => BecomesReady() ? this : throw new InvalidOperationException($"the agent ended: {_errors.Result}");

    public void Arm(int steps) => Assert.Equal("armed", Ask($"arm {steps}"));

    public void ArmSend(int sends) => Assert.Equal("armed", Ask($"arm-send {sends}"));

    /// <summary>True when it killed itself within that time.</summary>
    public bool Died(TimeSpan within) => _process.WaitForExit(within) && _process.ExitCode == 128 + 9;

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"the agent is gone: {_errors.Result}");
    }
}
