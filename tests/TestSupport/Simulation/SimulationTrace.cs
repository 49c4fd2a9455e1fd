using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vnetcni.TestSupport.Simulation;

/// <summary>What happened, line by line, each with its virtual time. Equal seeds give equal traces.</summary>
public sealed class SimulationTrace
{
    private readonly List<string> lines = [];
    private readonly Func<TimeSpan> now;

    internal SimulationTrace(Func<TimeSpan> now) => this.now = now;

    public IReadOnlyList<string> Lines => lines;

    /// <summary>SHA-256 over all lines, in hexadecimal.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    public void Add(string line) =>
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{now().TotalSeconds,12:F6} {line}"));

    /// <summary>The last lines, for the message of a failure.</summary>
    public string Tail(int count = 40) => string.Join('\n', lines.Skip(Math.Max(0, lines.Count - count)));
}
