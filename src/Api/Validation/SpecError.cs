namespace Vnetcni.Api.Validation;

/// <summary>One broken rule of a spec.</summary>
/// <param name="Path">The field, such as <c>spec.pool.maxFree</c>.</param>
/// <param name="Value">What it is.</param>
/// <param name="Limit">What it must be.</param>
/// <param name="NextStep">What to change.</param>
public sealed record SpecError(string Path, string Value, string Limit, string NextStep)
{
    /// <summary><c>path is value: must be limit. Next step.</c></summary>
    public override string ToString() => $"{Path} is {Value}: must be {Limit}. {NextStep}.";

    /// <summary>All errors as one message of a condition.</summary>
    public static string Join(IEnumerable<SpecError> errors) => string.Join(" ", errors);
}
