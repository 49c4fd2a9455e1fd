namespace Vnetcni.AgentProtocol.Invocation;

/// <summary>What a runtime passes in the environment, checked. Strings that were not given are empty.</summary>
/// <param name="Command">CNI_COMMAND.</param>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="InterfaceName">CNI_IFNAME.</param>
/// <param name="Netns">CNI_NETNS, a path.</param>
/// <param name="Path">CNI_PATH.</param>
/// <param name="Args">CNI_ARGS, <c>K=V;K=V</c>.</param>
/// <remarks>Source: https://github.com/containernetworking/cni/blob/main/SPEC.md#parameters</remarks>
public sealed record CniEnvironment(
    CniCommand Command, string ContainerId, string InterfaceName, string Netns, string Path, string Args)
{
    // PATH_MAX and ARG_MAX-like bounds, so that a request always fits its frame.
    private const int LongestPath = 4096;
    private const int LongestArgs = 32 * 1024;

    /// <summary>Reads and checks the variables; an empty one counts as unset, because libcni sends unused ones empty.</summary>
    /// <param name="variable">Gives a variable's value or null.</param>
    /// <exception cref="CniException">InvalidEnvironment, naming each variable that is missing or wrong.</exception>
    public static CniEnvironment Read(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var name = variable("CNI_COMMAND") ?? "";
        if (name.Length == 0)
        {
            throw new CniException(
                CniErrorCode.InvalidEnvironment,
                "required environment variables missing: CNI_COMMAND",
                "vnetcni is a CNI plug-in: a container runtime runs it, with the configuration on stdin");
        }

        if (CniCommandNames.Parse(name) is not { } command)
        {
            throw new CniException(
                CniErrorCode.InvalidEnvironment,
                $"unknown CNI_COMMAND \"{Shorten(name)}\"",
                "known: ADD, DEL, CHECK, GC, STATUS, VERSION");
        }

        var environment = new CniEnvironment(
            command,
            variable("CNI_CONTAINERID") ?? "",
            variable("CNI_IFNAME") ?? "",
            variable("CNI_NETNS") ?? "",
            variable("CNI_PATH") ?? "",
            variable("CNI_ARGS") ?? "");
        environment.Validate();
        return environment;
    }

    /// <summary>Checks what the verb needs. Variables that it does not need are not looked at.</summary>
    /// <exception cref="CniException">InvalidEnvironment, naming each variable that is missing or wrong.</exception>
    public void Validate()
    {
        var owner = Command is CniCommand.Add or CniCommand.Check or CniCommand.Del;
        var netns = Command is CniCommand.Add or CniCommand.Check;
        List<string> missing = [];
        if (owner && ContainerId.Length == 0)
            missing.Add("CNI_CONTAINERID");
        if (netns && Netns.Length == 0)
            missing.Add("CNI_NETNS");
        if (owner && InterfaceName.Length == 0)
            missing.Add("CNI_IFNAME");
        if (Command == CniCommand.Gc && Path.Length == 0)
            missing.Add("CNI_PATH");
        if (missing.Count > 0)
        {
            throw new CniException(
                CniErrorCode.InvalidEnvironment,
                $"required environment variables missing: {string.Join(", ", missing)}",
                $"{Command.Name()} needs them; an empty variable counts as missing");
        }

        if (owner)
            ValidateOwner();
        if (netns)
            RequireLength("CNI_NETNS", Netns, LongestPath);
        if (Command != CniCommand.Version)
        {
            RequireLength("CNI_PATH", Path, LongestArgs);
            RequireLength("CNI_ARGS", Args, LongestArgs);
        }
    }

    private void ValidateOwner()
    {
        if (!NameRules.IsIdentifier(ContainerId))
        {
            throw new CniException(
                CniErrorCode.InvalidEnvironment,
                "invalid CNI_CONTAINERID",
                $"\"{Shorten(ContainerId)}\" has to match ^[A-Za-z0-9][A-Za-z0-9_.-]*$ with at most {NameRules.LongestIdentifier} characters");
        }

        if (NameRules.InterfaceFault(InterfaceName) is { } fault)
        {
            throw new CniException(
                CniErrorCode.InvalidEnvironment, "invalid CNI_IFNAME", $"\"{Shorten(InterfaceName)}\" {fault}");
        }
    }

    private static void RequireLength(string name, string value, int longest)
    {
        if (value.Length > longest)
        {
            throw new CniException(
                CniErrorCode.InvalidEnvironment,
                $"invalid {name}",
                $"it has {value.Length} characters, at most {longest} are taken");
        }
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";
}
