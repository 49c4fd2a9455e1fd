using System.Net;
using Vnetcni.Dataplane;

namespace Vnetcni.FaultAgent;

/// <summary>The real kernel, with a half step before and after every call that changes it or reads it whole.</summary>
internal sealed class FusedNetwork(INodeNetwork inner, Fuse fuse) : INodeNetwork
{
    public Task PrepareAsync(IReadOnlyCollection<IPAddress> heldAddresses, CancellationToken cancellationToken) =>
        StepAsync(async () =>
        {
            await inner.PrepareAsync(heldAddresses, cancellationToken);
            return true;
        });

    public Task<string?> UseModeAsync(DataplaneMode mode, CancellationToken cancellationToken) =>
        StepAsync(() => inner.UseModeAsync(mode, cancellationToken));

    public Task<AttachedInterface> AttachAsync(AttachRequest request, CancellationToken cancellationToken) =>
        StepAsync(() => inner.AttachAsync(request, cancellationToken));

    public Task StandInAsync(AttachRequest request, CancellationToken cancellationToken) =>
        StepAsync(async () =>
        {
            await inner.StandInAsync(request, cancellationToken);
            return true;
        });

    public Task<bool> DetachAsync(string hostInterface, IPAddress address, CancellationToken cancellationToken) =>
        StepAsync(() => inner.DetachAsync(hostInterface, address, cancellationToken));

    public Task ReapAsync(CancellationToken cancellationToken) =>
        StepAsync(async () =>
        {
            await inner.ReapAsync(cancellationToken);
            return true;
        });

    public Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken) =>
        StepAsync(() => inner.ListAsync(cancellationToken));

    public Task<IReadOnlyList<string>> CheckAsync(AttachRequest request, CancellationToken cancellationToken) =>
        inner.CheckAsync(request, cancellationToken);

    private async Task<T> StepAsync<T>(Func<Task<T>> call)
    {
        fuse.Half();
        var result = await call();
        fuse.Half();
        return result;
    }
}
