using System.Diagnostics.CodeAnalysis;
using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Azure;

/// <summary>What a read gave: a value, or ARM's error.</summary>
/// <param name="Value">The value, or null.</param>
/// <param name="Error">The error, or null.</param>
public readonly record struct ArmResult<T>(T? Value, ArmError? Error)
    where T : class
{
    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Value is not null;
}
