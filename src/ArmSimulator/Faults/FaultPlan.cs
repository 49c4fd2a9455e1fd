namespace Vnetcni.ArmSimulator.Faults;

/// <summary>Fault rules that belong together, from a file. The schema is in docs/arm-simulator.md.</summary>
/// <param name="Name">What the plan is called.</param>
/// <param name="Faults">Its rules, in order.</param>
public sealed record FaultPlan(string Name, IReadOnlyList<Fault> Faults)
{
    /// <summary>Reads YAML (JSON is YAML too). Throws <see cref="FaultPlanException"/> with line and field.</summary>
    /// <param name="text">The plan.</param>
    /// <param name="source">Name of the file, for errors.</param>
    public static FaultPlan Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(source);
        return new FaultPlanReader(source).Read(text);
    }
}

/// <summary>A fault plan that cannot be taken; the message has file, line, field and reason.</summary>
public sealed class FaultPlanException : FormatException
{
    /// <summary>An error without text.</summary>
    public FaultPlanException()
    {
    }

    /// <summary>An error with its reason.</summary>
    public FaultPlanException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and cause.</summary>
    public FaultPlanException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
