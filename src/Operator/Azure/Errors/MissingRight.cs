namespace Vnetcni.Operator.Azure.Errors;

/// <summary>
/// Finds action and scope in the texts of AuthorizationFailed ("... to perform action 'A' over scope 'S' ...") and
/// LinkedAuthorizationFailed ("... has permission to perform action 'W' on scope 'I'; however, it does not have permission to
/// perform action(s) 'A' on the linked scope(s) 'S' ..."): the last action named, and the scope after it.
/// </summary>
internal static class MissingRight
{
    internal static (string? Action, string? Scope) Find(string message)
    {
        var at = message.LastIndexOf("perform action", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return (null, null);
        var action = Quoted(message, at, out var end);
        var scopeAt = action is null ? -1 : message.IndexOf("scope", end, StringComparison.OrdinalIgnoreCase);
        return (action, scopeAt < 0 ? null : Quoted(message, scopeAt, out _));
    }

    private static string? Quoted(string message, int from, out int end)
    {
        end = from;
        var open = message.IndexOf('\'', from);
        var close = open < 0 ? -1 : message.IndexOf('\'', open + 1);
        if (close <= open + 1)
            return null;
        end = close + 1;
        return message[(open + 1)..close];
    }
}
