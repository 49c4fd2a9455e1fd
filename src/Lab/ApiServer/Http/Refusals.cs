using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>What the shell itself refuses, in the real server's words where it has some.</summary>
internal static class Refusals
{
    public static ApiStatusException Unauthorized() => Of(401, "Unauthorized", "Unauthorized");

    public static ApiStatusException NoSuchResource(string? why = null) =>
        Of(404, "NotFound", "the server could not find the requested resource" + (why is null ? string.Empty : $": {why}"));

    public static ApiStatusException NoSuchMethod() =>
        Of(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static ApiStatusException NotAcceptable() =>
        Of(406, "NotAcceptable", "only the following media types are accepted: application/json");

    public static ApiStatusException BodyOf(IEnumerable<string> accepted) => Of(
        415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}");

    public static ApiStatusException TooLarge(long limit) => Of(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiStatusException BadRequest(string message) => Of(400, "BadRequest", message);

    public static ApiStatusException Invalid(string what, string field, string reason, string message) => new(new ApiStatus
    {
        Code = 422,
        Reason = "Invalid",
        Message = $"{what} \"\" is invalid: {field}: {message}",
        Group = "meta.k8s.io",
        Kind = what.Split('.')[0],
        Causes = [new StatusCause(reason, message, field)],
    });

    public static ApiStatus Internal() => new()
    {
        Code = 500,
        Reason = "InternalError",
        Message = "Internal error occurred: see the log of the API server",
    };

    private static ApiStatusException Of(int code, string reason, string message) =>
        new(new ApiStatus { Code = code, Reason = reason, Message = message });
}
