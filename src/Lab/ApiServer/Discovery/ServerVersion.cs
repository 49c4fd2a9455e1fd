using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Discovery;

/// <summary>What <c>/version</c> says. Clients decide by it what they may ask for.</summary>
internal static class ServerVersion
{
    /// <summary>The version whose behaviour is served.</summary>
    public const string GitVersion = "v1.32.0+vnetcni-lab";

    /// <summary>The document.</summary>
    public static JsonObject Json() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = string.Empty,
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = RuntimeInformation.FrameworkDescription,
        ["compiler"] = "dotnet",
        ["platform"] = $"linux/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}",
    };
}
