using Vnetcni.AgentProtocol;

namespace Vnetcni.NodeAgent.CniServer.Config;

/// <summary>CNI_ARGS: <c>K=V;K=V</c>. Unknown keys are ignored, whether or not IgnoreUnknown is set.</summary>
internal static class CniArgs
{
    /// <summary><c>namespace/name</c> of the Kubernetes pod, or empty where the runtime names none.</summary>
    /// <exception cref="CniException">InvalidEnvironment: a pair without <c>=</c>.</exception>
    public static string Pod(string args)
    {
        string ns = "", name = "";
        foreach (var pair in args.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new CniException(
                    CniErrorCode.InvalidEnvironment, "invalid CNI_ARGS", $"\"{Shorten(pair)}\" is not KEY=VALUE; pairs are parted by ;");
            }

            switch (pair[..equals])
            {
                case "K8S_POD_NAMESPACE":
                    ns = pair[(equals + 1)..];
                    break;
                case "K8S_POD_NAME":
                    name = pair[(equals + 1)..];
                    break;
            }
        }

        return ns.Length > 0 && name.Length > 0 ? $"{ns}/{name}" : "";
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";
}
