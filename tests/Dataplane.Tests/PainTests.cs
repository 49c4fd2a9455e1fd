using System.Collections.Concurrent;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

/// <summary>What users of other CNI plug-ins reported, done to this one. Each name ends with where it was reported.</summary>
public sealed class PainTests
{
    [Fact]
    public async Task ADD_and_DEL_list_nothing_and_stand_the_churn_of_other_links__amazon_vpc_cni_k8s_3461()
    {
        using var bed = new DataplaneBed();
        var dumps = new ConcurrentQueue<ushort>();
        var sends = 0;
        var watched = bed.Start(beforeSend: messages =>
        {
            Interlocked.Increment(ref sends);
            Note(messages, dumps);
        });
        await watched.PrepareAsync([], Token);
        Assert.NotEmpty(dumps);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var churn = Task.Run(
            () =>
            {
                for (var n = 0; !stop.IsCancellationRequested; n++)
                {
                    bed.Node.Ip($"link add churn{n % 7} type veth peer name nruhc{n % 7}");
                    bed.Node.Ip($"link delete churn{n % 7}");
                }
            },
            Token);
        var pods = Enumerable.Range(0, 10).Select(n => bed.Pod($"pod{n}")).ToArray();
        dumps.Clear();
        sends = 0;
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(pods.Select((pod, n) => watched.AttachAsync(bed.Request(pod, n), Token)));
            await Task.WhenAll(pods.Select((_, n) => watched.DetachAsync($"vn{n}", Address(n), Token)));
            await watched.ReapAsync(Token);
        }

        await stop.CancelAsync();
        await churn;
        Assert.True(sends >= 3 * 10 * 6, $"{sends}");
        Assert.Empty(dumps);
        Assert.DoesNotContain(bed.PodLinks(), name => name.StartsWith("vn", StringComparison.Ordinal));
    }

    private static void Note(ReadOnlySpan<byte> bytes, ConcurrentQueue<ushort> dumps)
    {
        var messages = new NetlinkMessages(bytes);
        while (messages.MoveNext())
        {
            // The bits of NLM_F_DUMP mean something else in a request that makes or deletes.
            var asks = messages.Header.Type % 4 == 2;
            if (asks && (messages.Header.Flags & MessageFlags.Dump) == MessageFlags.Dump)
                dumps.Enqueue(messages.Header.Type);
        }
    }
}
