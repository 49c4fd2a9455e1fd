namespace Vnetcni.ArmSimulator.Core;

/// <summary>What the simulated Azure Resource Manager answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Response headers in the order they are sent.</param>
/// <param name="Body">UTF-8 JSON; empty for 202 and 204.</param>
public sealed record SimResponse(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>How long the body takes after the headers (a fault); zero for at once.</summary>
    public TimeSpan SlowBody { get; init; }

    /// <summary>The value of a header, or null; the name is compared without regard to case.</summary>
    public string? Header(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var (key, value) in Headers)
        {
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }
}

/// <summary>There was no answer: the connection ended. A write may have happened (a fault of the simulator).</summary>
public sealed class SimConnectionDroppedException : IOException
{
    /// <summary>A connection that ended for no stated reason.</summary>
    public SimConnectionDroppedException()
        : base("The connection was dropped before an answer arrived.")
    {
    }

    /// <summary>A connection that ended, with the reason.</summary>
    public SimConnectionDroppedException(string message)
        : base(message)
    {
    }

    /// <summary>A connection that ended, with the reason and its cause.</summary>
    public SimConnectionDroppedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
