using System.Text.RegularExpressions;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>
/// The syntax of names, labels and annotations; each check says what is wrong, or null.
/// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
/// </summary>
internal static partial class Names
{
    private const int MaxName = 253;
    private const int MaxLabel = 63;

    /// <summary>An RFC 1123 subdomain: the name of most objects.</summary>
    public static string? SubdomainError(string name)
    {
        if (name.Length > MaxName)
            return "must be no more than 253 characters";
        return Subdomain().IsMatch(name)
            ? null
            : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
                + "alphanumeric character (e.g. 'example.com', regex used for validation is "
                + @"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    }

    /// <summary>An RFC 1123 label: the name of a namespace.</summary>
    public static string? DnsLabelError(string name)
    {
        if (name.Length > MaxLabel)
            return "must be no more than 63 characters";
        return DnsLabel().IsMatch(name)
            ? null
            : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
                + "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    }

    /// <summary>The key of a label or an annotation, or a finalizer: an optional prefix and a name.</summary>
    public static string? LabelKeyError(string key)
    {
        var slash = key.IndexOf('/');
        if (slash != key.LastIndexOf('/'))
        {
            return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
                + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an "
                + "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }

        if (slash == 0)
            return "prefix part must be non-empty";
        if (slash > 0 && SubdomainError(key[..slash]) is { } error)
            return "prefix part " + error;
        var name = key[(slash + 1)..];
        if (name.Length == 0)
            return "name part must be non-empty";
        if (name.Length > MaxLabel)
            return "name part must be no more than 63 characters";
        return QualifiedName().IsMatch(name)
            ? null
            : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName', "
                + " or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    }

    /// <summary>The value of a label.</summary>
    public static string? LabelValueError(string value)
    {
        if (value.Length > MaxLabel)
            return "must be no more than 63 characters";
        return value.Length == 0 || QualifiedName().IsMatch(value)
            ? null
            : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
                + "character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex QualifiedName();
}
