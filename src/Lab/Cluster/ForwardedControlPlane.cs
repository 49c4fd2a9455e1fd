using System.Net;
using System.Net.Sockets;
using Vnetcni.Lab.Fabric;

namespace Vnetcni.Lab.Cluster;

/// <summary>A cluster that runs already; the nodes reach it through a TCP forwarder on the fabric's management link.</summary>
internal class ForwardedControlPlane : ControlPlane
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Takes an already listening forwarder.</summary>
    protected ForwardedControlPlane(string kubeConfig, ForwardedKubeConfig node, TcpListener listener, string description)
        : base(kubeConfig, node.File)
    {
        _listener = listener;
        Description = description;
        _ = AcceptAsync(node.Server);
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Listens on the management link and writes the nodes' kubeconfig.</summary>
    public static async Task<ControlPlane> ReachAsync(string kubeConfig, string folder, string description, CancellationToken cancellationToken)
    {
        var listener = Listen();
        return new ForwardedControlPlane(kubeConfig, await ForNodesAsync(kubeConfig, folder, listener, cancellationToken), listener, description);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A listener on a free port of the management link.</summary>
    protected static TcpListener Listen()
    {
        var listener = new TcpListener(VNetFabric.HostAddress, 0);
        listener.Start();
        return listener;
    }

    /// <summary>The nodes' kubeconfig: another address, the same certificate name.</summary>
    protected static Task<ForwardedKubeConfig> ForNodesAsync(string kubeConfig, string folder, TcpListener listener, CancellationToken cancellationToken) =>
        ForwardedKubeConfig.WriteAsync(kubeConfig, folder, ((IPEndPoint)listener.LocalEndpoint).Port, cancellationToken);

    private static async Task ForwardAsync(TcpClient near, DnsEndPoint server, CancellationToken stop)
    {
        using (near)
        using (var far = new TcpClient())
        {
            try
            {
                await far.ConnectAsync(server.Host, server.Port, stop);
                var one = near.GetStream().CopyToAsync(far.GetStream(), stop);
                var two = far.GetStream().CopyToAsync(near.GetStream(), stop);
                await Task.WhenAny(one, two);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side hung up: closing both is the answer.
                _ = e;
            }
        }
    }

    private async Task AcceptAsync(DnsEndPoint server)
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient near;
            try
            {
                near = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = ForwardAsync(near, server, _stop.Token);
        }
    }
}
