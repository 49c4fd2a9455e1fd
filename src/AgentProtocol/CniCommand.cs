namespace Vnetcni.AgentProtocol;

/// <summary>The verbs of CNI 1.1 (CNI_COMMAND).</summary>
public enum CniCommand
{
    /// <summary>ADD: attach a container to the network.</summary>
    Add,

    /// <summary>DEL: detach it; repeatable.</summary>
    Del,

    /// <summary>CHECK: is the attachment as its ADD left it.</summary>
    Check,

    /// <summary>GC: remove what no valid attachment owns.</summary>
    Gc,

    /// <summary>STATUS: can ADD be served.</summary>
    Status,

    /// <summary>VERSION: which versions the plug-in speaks.</summary>
    Version,
}

/// <summary>The verbs as they are spelt in CNI_COMMAND.</summary>
public static class CniCommandNames
{
    /// <summary>The spelling in CNI_COMMAND.</summary>
    public static string Name(this CniCommand command) => command switch
    {
        CniCommand.Add => "ADD",
        CniCommand.Del => "DEL",
        CniCommand.Check => "CHECK",
        CniCommand.Gc => "GC",
        CniCommand.Status => "STATUS",
        _ => "VERSION",
    };

    /// <summary>The verb of that exact spelling, or null.</summary>
    public static CniCommand? Parse(string? name) => name switch
    {
        "ADD" => CniCommand.Add,
        "DEL" => CniCommand.Del,
        "CHECK" => CniCommand.Check,
        "GC" => CniCommand.Gc,
        "STATUS" => CniCommand.Status,
        "VERSION" => CniCommand.Version,
        _ => null,
    };
}
