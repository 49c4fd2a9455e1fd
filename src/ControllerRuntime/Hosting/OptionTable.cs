namespace Vnetcni.ControllerRuntime.Hosting;

/// <summary>One option of a host.</summary>
/// <param name="Name">As in <c>--name</c>.</param>
/// <param name="Variable">The environment variable that says the same.</param>
/// <param name="Help">For people, with the default.</param>
/// <param name="Set">Puts the text into the options.</param>
public sealed record HostOption<T>(string Name, string Variable, string Help, Func<T, string, T> Set);

/// <summary>
/// The options of a host: <c>--name value</c> or <c>--name=value</c> first, then the environment, then the default. Values stay text here;
/// the host checks what they mean.
/// </summary>
/// <param name="options">All options.</param>
public sealed class OptionTable<T>(IReadOnlyList<HostOption<T>> options)
{
    /// <summary>One line for each option.</summary>
    public string Usage => string.Concat(options.Select(o => $"  --{o.Name,-16} ${o.Variable,-24} {o.Help}\n"));

    /// <summary>Reads over the defaults.</summary>
    /// <exception cref="FormatException">An unknown option, or one without its value; the message says which.</exception>
    public T Read(T defaults, IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(environment);
        var made = defaults;
        foreach (var option in options)
        {
            if (environment(option.Variable) is { Length: > 0 } value)
                made = option.Set(made, value);
        }

        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            var option = options.FirstOrDefault(o => o.Name == name)
                ?? throw new FormatException($"'{arguments[i]}' is not an option; --help lists them");
            if (value is null && ++i >= arguments.Count)
                throw new FormatException($"--{name} lacks its value: {option.Help}");
            made = option.Set(made, value ?? arguments[i]);
        }

        return made;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return (argument, null);
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument[2..], null) : (argument[2..equals], argument[(equals + 1)..]);
    }
}
