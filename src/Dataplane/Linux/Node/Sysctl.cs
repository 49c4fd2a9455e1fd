namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>Settings of the calling thread's network namespace.</summary>
internal static class Sysctl
{
    /// <summary>Its file.</summary>
    public static string PathOf(string name) => "/proc/sys/" + name.Replace('.', '/');

    /// <summary>Sets it. In a container /proc/sys may be read-only; then it must have the value already.</summary>
    /// <exception cref="DataplaneException">It has another value and can't be written.</exception>
    public static void Require(string name, string value)
    {
        if (TrySet(name, value) is { } failure)
            throw new DataplaneException(
                DataplaneFault.Kernel, $"{name} is not {value} and {PathOf(name)} can't be written ({failure}); set it on the node: sysctl -w {name}={value}",
                Errno.ReadOnlyFileSystem);
    }

    /// <summary>Sets it where it can be written. Null when it has the value now, otherwise why not.</summary>
    public static string? TrySet(string name, string value)
    {
        var path = PathOf(name);
        if (File.ReadAllText(path).AsSpan().Trim().SequenceEqual(value))
            return null;
        try
        {
            File.WriteAllText(path, value);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }
}
