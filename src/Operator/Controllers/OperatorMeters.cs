namespace Vnetcni.Operator.Controllers;

/// <summary>Name of the operator's meter.</summary>
public static class OperatorMeters
{
    /// <summary>The meter of all controllers.</summary>
    public const string Name = "Vnetcni.Operator";
}
