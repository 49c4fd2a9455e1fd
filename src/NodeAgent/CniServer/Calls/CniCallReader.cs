using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.CniServer.Config;

namespace Vnetcni.NodeAgent.CniServer.Calls;

/// <summary>From a request's bytes and descriptors to a call. All that a client sends is doubted here.</summary>
/// <param name="podNamespaces">Makes a namespace of two checked descriptors and takes them over.</param>
internal sealed class CniCallReader(Func<SafeHandle, SafeHandle, string, IPodNamespace> podNamespaces)
{
    /// <summary>Reads a request. The descriptors are taken over or closed, whatever happens.</summary>
    /// <param name="body">What follows the length field.</param>
    /// <param name="descriptors">All that came along.</param>
    /// <param name="truncated">The kernel dropped some.</param>
    /// <param name="cniVersion">The version asked for, as soon as it is known: for the error's JSON.</param>
    /// <exception cref="CniException">The request is refused.</exception>
    public CniCall Read(
        ReadOnlyMemory<byte> body, IReadOnlyList<SafeFileHandle> descriptors, bool truncated, out string? cniVersion)
    {
        cniVersion = null;
        try
        {
            var request = WireRequest.Parse(body);
            cniVersion = NetworkConfigHead.Parse(request.Config.Span).CniVersion;
            request.Environment.Validate();
            RequireCount(request.Environment.Command, descriptors.Count, truncated);
            var config = NetworkConfigReader.Read(request.Environment.Command, request.Config);
            var pod = request.Environment.Command == CniCommand.Add ? CniArgs.Pod(request.Environment.Args) : "";
            return new CniCall(request.Environment, config, Namespace(request.Environment, descriptors), pod);
        }
        catch
        {
            foreach (var descriptor in descriptors)
                descriptor.Dispose();
            throw;
        }
    }

    private IPodNamespace? Namespace(CniEnvironment environment, IReadOnlyList<SafeFileHandle> descriptors)
    {
        if (descriptors.Count == 0)
            return null;
        PodDescriptors.Check(descriptors[0], descriptors[1], environment.Netns);
        return podNamespaces(descriptors[0], descriptors[1], environment.Netns);
    }

    private static void RequireCount(CniCommand command, int count, bool truncated)
    {
        if (command == CniCommand.Version)
            throw new CniException(CniErrorCode.Decode, "VERSION is not asked of the agent", "the binary answers it");
        var wanted = command is CniCommand.Add or CniCommand.Check ? WireLimits.Descriptors : 0;
        if (truncated || count != wanted)
        {
            throw new CniException(
                CniErrorCode.Decode,
                $"{command.Name()} takes {wanted} descriptors",
                $"{(truncated ? "more than " : "")}{count} came; all were closed");
        }
    }
}
