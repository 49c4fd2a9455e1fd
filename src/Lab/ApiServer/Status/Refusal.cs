using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Status;

/// <summary>The refusals of an API server, with its wording where clients read it.</summary>
public static class Refusal
{
    /// <summary>400 BadRequest.</summary>
    public static ApiStatusException BadRequest(string message) => Plain(400, "BadRequest", message);

    /// <summary>404 for an object.</summary>
    public static ApiStatusException NotFound(ResourceDefinition resource, string name) =>
        Of(404, "NotFound", resource, name, $"{resource.GroupResource} \"{name}\" not found");

    /// <summary>404 for a path that is not served.</summary>
    public static ApiStatusException NoSuchPath() => Plain(404, "NotFound", "the server could not find the requested resource");

    /// <summary>405 for a verb that the resource has not.</summary>
    public static ApiStatusException MethodNotAllowed() =>
        Plain(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    /// <summary>409 for a name that is taken.</summary>
    public static ApiStatusException AlreadyExists(ResourceDefinition resource, string name) =>
        Of(409, "AlreadyExists", resource, name, $"{resource.GroupResource} \"{name}\" already exists");

    /// <summary>409 for an object that has moved.</summary>
    public static ApiStatusException Modified(ResourceDefinition resource, string name) => Conflict(
        resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>409 for another reason.</summary>
    public static ApiStatusException Conflict(ResourceDefinition resource, string name, string why) =>
        Of(409, "Conflict", resource, name, $"Operation cannot be fulfilled on {resource.GroupResource} \"{name}\": {why}");

    /// <summary>403 Forbidden.</summary>
    public static ApiStatusException Forbidden(ResourceDefinition resource, string name, string why, IReadOnlyList<StatusCause>? causes = null) =>
        new(Make(403, "Forbidden", resource, name, $"{resource.GroupResource} \"{name}\" is forbidden: {why}") with { Causes = causes ?? [] });

    /// <summary>410 for a version that is forgotten.</summary>
    public static ApiStatusException Expired(string message) => Plain(410, "Expired", message);

    /// <summary>413 for an object of too many bytes.</summary>
    public static ApiStatusException TooLarge(long bytes, long limit) => Plain(
        413, "RequestEntityTooLarge", $"Request entity too large: the object would have {bytes} bytes, limit is {limit}");

    /// <summary>415 for a patch of a kind that the resource does not take.</summary>
    public static ApiStatusException UnsupportedMediaType(IEnumerable<string> accepted) => Plain(
        415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}");

    /// <summary>504 for a version that has not come yet.</summary>
    public static ApiStatusException TooLargeVersion(long asked, long current) => new(new ApiStatus
    {
        Code = 504,
        Reason = "Timeout",
        Message = $"Timeout: Too large resource version: {asked}, current: {current}",
        RetryAfterSeconds = 1,
        Causes = [new StatusCause("ResourceVersionTooLarge", "Too large resource version")],
    });

    /// <summary>422 for a patch that cannot be applied.</summary>
    public static ApiStatusException Unprocessable() =>
        Plain(422, "Invalid", "the server rejected our request due to an error in our request");

    /// <summary>500 with a message.</summary>
    public static ApiStatusException Internal(string message) => Plain(500, string.Empty, message);

    internal static ApiStatusException Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors) => new(new ApiStatus
    {
        Code = 422,
        Reason = "Invalid",
        Group = group,
        Kind = kind,
        Name = name,
        Message = $"{(group.Length == 0 ? kind : $"{kind}.{group}")} \"{name}\" is invalid: "
            + (errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]"),
        Causes = [.. errors.Select(e => new StatusCause(e.Reason, e.Body, e.Field))],
    });

    internal static ApiStatusException Invalid(ResourceDefinition resource, string name, params FieldError[] errors) =>
        Invalid(resource.Group, resource.Kind, name, errors);

    /// <summary>422 for a query's options, such as <c>PatchOptions</c>.</summary>
    internal static ApiStatusException InvalidOptions(string kind, FieldError error) => Invalid("meta.k8s.io", kind, string.Empty, [error]);

    private static ApiStatusException Plain(int code, string reason, string message) =>
        new(new ApiStatus { Code = code, Reason = reason, Message = message });

    private static ApiStatusException Of(int code, string reason, ResourceDefinition resource, string name, string message) =>
        new(Make(code, reason, resource, name, message));

    private static ApiStatus Make(int code, string reason, ResourceDefinition resource, string name, string message) =>
        new() { Code = code, Reason = reason, Message = message, Name = name, Group = resource.Group, Kind = resource.Plural };
}
