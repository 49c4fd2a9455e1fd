using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>
/// The node's network of one agent process: the steps that the Linux data plane makes, each on its own, so that the process
/// can be killed between any two of them and leave the kernel as it is.
/// </summary>
internal sealed class SimulatedNodeNetwork(SimKernel kernel, SimProcess process, Weather weather) : INodeNetwork
{
    private const int Exists = 17;
    private const int NoBuffers = 105;
    private bool verified;

    public async Task PrepareAsync(IReadOnlyCollection<IPAddress> heldAddresses, CancellationToken cancellationToken)
    {
        await StepAsync("prepare", cancellationToken);
        kernel.Refuses(heldAddresses.Select(address => address.ToString()));
        AfterStep();
    }

    // Simulated nodes are transparent: how frames go is not simulated.
    public Task<string?> UseModeAsync(DataplaneMode mode, CancellationToken cancellationToken) =>
        Task.FromResult(mode == DataplaneMode.Transparent ? null : "simulated nodes have no bridge");

    public async Task<AttachedInterface> AttachAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        await StepAsync("attach", cancellationToken);
        var link = MakePair(request);
        AfterStep();
        try
        {
            await StepAsync("dress", CancellationToken.None);
            SetUpHost(link, request);
            AfterStep();
            await StepAsync("pod", CancellationToken.None);
            RequireThere(link);
            link.PodAddress = request.Address;
            kernel.Given(link);
            kernel.Changed($"{request.Address} is on {link.Name} for {link.Alias}");
            AfterStep();
            link.WasWhole = true;
        }
        catch (DataplaneException)
        {
            kernel.Remove(link, "undone");
            throw;
        }

        process.RequireAlive();
        var mac = new PhysicalAddress([2, 0, 0, 0, 0, 1]);
        return new AttachedInterface(link.Name, mac, mac, request.Mtu > 0 ? request.Mtu : 1500, new IPAddress([169, 254, 1, 1]));
    }

    public async Task<bool> DetachAsync(string hostInterface, IPAddress address, CancellationToken cancellationToken)
    {
        await StepAsync("detach", cancellationToken);
        var link = kernel.Find(hostInterface);
        if (link is null || !IsOurs(link) || link.Group == LinkGroup.Sweep)
            return false;
        link.Group = LinkGroup.Sweep;
        if (address.Equals(link.Route))
            link.Route = null;
        kernel.Changed($"{link.Name} is cut off ({address})");
        AfterStep();
        process.RequireAlive();
        return true;
    }

    public async Task ReapAsync(CancellationToken cancellationToken)
    {
        await StepAsync("reap", cancellationToken);
        Sweep();
        AfterStep();
    }

    public async Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken)
    {
        await StepAsync("list", cancellationToken);
        return [.. kernel.Links.Where(IsOurs).Select(link => new HostInterface(link.Name, link.Alias, link.Route, link.Group == LinkGroup.Sweep))];
    }

    public async Task<IReadOnlyList<string>> CheckAsync(AttachRequest request, CancellationToken cancellationToken)
    {
        await StepAsync("check", cancellationToken);
        return kernel.Find(request.HostInterface) is { IsLive: true } link && request.Address.Equals(link.PodAddress) && link.Alias == request.Alias
            ? []
            : [$"{request.HostInterface} does not lead to {request.Address}"];
    }

    private static bool IsOurs(SimLink link) => link.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal);

    private SimLink MakePair(AttachRequest request)
    {
        var pod = SimPodNamespace.Of(request.Namespace);
        if (!pod.IsAlive)
            throw new DataplaneException(DataplaneFault.BadNamespace, $"{pod.Path} is gone");
        if (IsInTheWay(request, pod) && kernel.Links.Any(link => link.Group == LinkGroup.Sweep))
            Sweep();
        if (kernel.Links.Any(link => link.Pod == pod && link.InterfaceName == request.InterfaceName))
            throw new DataplaneException(DataplaneFault.InterfaceExists, $"{pod.Path} has {request.InterfaceName}", Exists);
        if (kernel.Find(request.HostInterface) is not null)
            throw new DataplaneException(DataplaneFault.Kernel, $"the node has {request.HostInterface}", Exists);
        var link = new SimLink(request.HostInterface, pod, request.InterfaceName);
        kernel.Add(link);
        return link;
    }

    private bool IsInTheWay(AttachRequest request, SimPodNamespace pod) =>
        kernel.Links.Any(link => link.Name == request.HostInterface || (link.Pod == pod && link.InterfaceName == request.InterfaceName));

    private void SetUpHost(SimLink link, AttachRequest request)
    {
        RequireThere(link);
        if (kernel.Links.Any(other => request.Address.Equals(other.Route)))
            throw new DataplaneException(DataplaneFault.Kernel, $"the route to {request.Address} exists", Exists);
        link.Alias = request.Alias;
        link.Group = LinkGroup.Default;
        link.Route = request.Address;
        kernel.Changed($"{link.Name} routes {request.Address}");
    }

    private void RequireThere(SimLink link)
    {
        if (kernel.Find(link.Name) != link)
            throw new DataplaneException(DataplaneFault.Kernel, $"{link.Name} vanished while it was set up", 19);
    }

    private void Sweep()
    {
        foreach (var link in kernel.Links.Where(link => link.Group == LinkGroup.Sweep).ToArray())
            kernel.Remove(link, "swept");
    }

    private async Task StepAsync(string what, CancellationToken cancellationToken)
    {
        process.RequireAlive();
        await weather.PassAsync(0.0002, 0.004, cancellationToken);
        process.RequireAlive();
        if (!verified)
        {
            verified = true;
            foreach (var link in kernel.Links.Where(link => link.Group == LinkGroup.Birth).ToArray())
                kernel.Remove(link, "half made");
        }

        if (weather.Happens(weather.Rates.KernelError))
            throw new DataplaneException(DataplaneFault.Kernel, $"{what}: no buffer space available", NoBuffers);
    }

    private void AfterStep()
    {
        if (weather.Happens(weather.Rates.AgentDies))
            process.Kill();
    }
}
