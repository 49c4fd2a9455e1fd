namespace Vnetcni.Lab.ApiServer.Status;

/// <summary>One cause in the details of a Status.</summary>
/// <param name="Reason">Such as <c>FieldValueInvalid</c> or <c>FieldManagerConflict</c>.</param>
/// <param name="Message">In words.</param>
/// <param name="Field">The field, such as <c>spec.pool.minFree</c>; may be empty.</param>
public sealed record StatusCause(string Reason, string Message, string Field = "");
