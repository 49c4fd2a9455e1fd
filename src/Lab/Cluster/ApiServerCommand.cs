using System.Net;
using System.Net.Sockets;
using Vnetcni.Lab.ApiServer.Http;

namespace Vnetcni.Lab.Cluster;

/// <summary><c>lab api-server</c>: the embedded API server alone, until a signal.</summary>
internal static class ApiServerCommand
{
    /// <summary>The kubeconfig in a state folder.</summary>
    public static string KubeConfigIn(string folder) => Path.Combine(folder, "kubeconfig");

    /// <summary>0 after a signal; 2 when it cannot listen there.</summary>
    /// <param name="folder">Where the kubeconfig goes; made when it is missing.</param>
    /// <param name="address">Address to listen on.</param>
    /// <param name="port">Port; 0 takes a free one.</param>
    /// <param name="names">Names and addresses that the certificate is good for, too.</param>
    /// <param name="cancellationToken">The signal.</param>
    public static async Task<int> RunAsync(string folder, IPAddress address, int port, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var kubeConfig = KubeConfigIn(folder);
        // One of an earlier run would lead nowhere.
        File.Delete(kubeConfig);
        try
        {
            await using var server = await KubeApiServer.StartAsync(
                new ApiServerOptions { Address = address, Port = port, Names = names, Log = Console.Error.WriteLine }, cancellationToken);
            var any = IPAddress.Any.Equals(address) || IPAddress.IPv6Any.Equals(address);
            await server.WriteKubeConfigAsync(kubeConfig, any ? "127.0.0.1" : address.ToString(), cancellationToken);
            Console.WriteLine($"An API server without nodes listens on {address} port {server.Port}; what is in it goes with it. Ctrl-C ends it.");
            Console.WriteLine($"  export KUBECONFIG={kubeConfig}\n  kubectl apply -f crds\n  kubectl api-resources");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            File.Delete(kubeConfig);
            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The API server cannot listen on {address} port {port}: {e.Message}");
            return 2;
        }
    }
}
