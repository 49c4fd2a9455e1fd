using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.LeaderElection;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.LeaderElection;

public sealed class LeaderElectorTests
{
    private static readonly ObjectKey Key = new("kube-system", "vnetcni");

    private static void Run(Func<Simulator, InMemoryKubeServer, Task> test, int seed = 1) =>
        Simulator.Run(seed, s => test(s, new InMemoryKubeServer(s.Time)));

    private static LeaderElectionOptions Options(string identity) =>
        new() { Namespace = Key.Namespace, Name = Key.Name, Identity = identity };

    private static V1Lease Lease(InMemoryKubeServer server) =>
        KubeKinds.Leases.Read(System.Text.Encoding.UTF8.GetBytes(server.Json(KubeKinds.Leases, Key)!.ToJsonString()));

    /// <summary>A candidate whose work runs until cancelled and notes when it runs.</summary>
    private sealed class Candidate
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Simulator sim;

        public Candidate(Simulator sim, InMemoryKubeServer server, string name, TimeSpan? windDown = null)
        {
            this.sim = sim;
            Api = server.Client(name);
            Elector = new LeaderElector(Api, Options(name), sim.Time, new Jitter(sim.NextSeed()));
            Run = sim.Spawn(name, async () => End = await Elector.RunAsync(t => WorkAsync(windDown ?? TimeSpan.Zero, t), stop.Token));
        }

        public InMemoryKubeApi Api { get; }
        public LeaderElector Elector { get; }
        public Task Run { get; }
        public LeadershipEnd? End { get; private set; }
        public bool Working { get; private set; }
        public TimeSpan? Began { get; private set; }
        public TimeSpan? Cancelled { get; private set; }

        public void Stop() => stop.Cancel();

        private async Task WorkAsync(TimeSpan windDown, CancellationToken token)
        {
            (Working, Began) = (true, sim.Time.Elapsed);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, sim.Time, token);
            }
            finally
            {
                Cancelled = sim.Time.Elapsed;
                await sim.Delay(windDown, CancellationToken.None);
                Working = false;
            }
        }
    }

    [Fact]
    public void It_takes_a_missing_lease_at_once_and_gives_it_back() => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a");
        await s.Delay(TimeSpan.FromSeconds(1));
        Assert.True(a.Working && a.Elector.IsLeader);
        Assert.Equal((TimeSpan.Zero, 0), (a.Began, a.Elector.Term));
        Assert.Equal(("a", 15), (Lease(server).Spec.HolderIdentity, Lease(server).Spec.LeaseDurationSeconds));
        a.Stop();
        await a.Run;
        Assert.Equal(LeadershipEnd.Stopped, a.End);
        Assert.False(a.Elector.IsLeader);
        Assert.Equal(TimeSpan.FromSeconds(1), s.Time.Elapsed);
        Assert.True(string.IsNullOrEmpty(Lease(server).Spec.HolderIdentity));
    });

    [Fact]
    public void It_takes_an_empty_lease_made_beforehand_and_keeps_its_labels() => Run(async (s, server) =>
    {
        await server.Client("helm").CreateAsync(
            KubeKinds.Leases,
            new V1Lease { Metadata = new() { Name = Key.Name, NamespaceProperty = Key.Namespace, Labels = new Dictionary<string, string> { ["app"] = "x" } } },
            default);
        var a = new Candidate(s, server, "a");
        await s.Delay(TimeSpan.FromSeconds(5));
        Assert.True(a.Working);
        Assert.Equal("x", Lease(server).Metadata.Labels["app"]);
        a.Stop();
        await a.Run;
        Assert.Equal("x", Lease(server).Metadata.Labels["app"]);
    });

    [Fact]
    public void A_released_lease_passes_on_within_a_retry_and_the_term_grows() => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a");
        await s.Delay(TimeSpan.FromSeconds(1));
        var b = new Candidate(s, server, "b");
        await s.Delay(TimeSpan.FromMinutes(2));
        Assert.False(b.Working);
        a.Stop();
        await s.Delay(TimeSpan.FromSeconds(2.5));
        Assert.True(b.Working);
        Assert.True(b.Elector.Term > a.Elector.Term);
        b.Stop();
        await Task.WhenAll(a.Run, b.Run);
    });

    [Fact]
    public void An_abandoned_lease_is_taken_after_it_was_seen_unchanged_for_its_duration_whatever_its_clock_says() => Run(async (s, server) =>
    {
        // The holder's clock is an hour ahead: a comparison of clocks would wait for an hour.
        await server.Client("dead").CreateAsync(
            KubeKinds.Leases,
            new V1Lease
            {
                Metadata = new() { Name = Key.Name, NamespaceProperty = Key.Namespace },
                Spec = new() { HolderIdentity = "dead", LeaseDurationSeconds = 15, LeaseTransitions = 7, RenewTime = s.Time.GetUtcNow().UtcDateTime.AddHours(1) },
            },
            default);
        var b = new Candidate(s, server, "b");
        var began = s.Time.Elapsed;
        await s.Delay(TimeSpan.FromSeconds(30));
        Assert.InRange((b.Began!.Value - began).TotalSeconds, 15, 18);
        Assert.Equal(8, b.Elector.Term);
        b.Stop();
        await b.Run;
    });

    [Fact]
    public void A_holder_whose_clock_is_behind_keeps_its_lease_as_long_as_it_renews() => Run(async (s, server) =>
    {
        var holder = server.Client("slow-clock");
        var lease = await holder.CreateAsync(
            KubeKinds.Leases,
            new V1Lease { Metadata = new() { Name = Key.Name, NamespaceProperty = Key.Namespace }, Spec = new() { HolderIdentity = "slow-clock", LeaseDurationSeconds = 15 } },
            default);
        var b = new Candidate(s, server, "b");
        for (var i = 0; i < 30; i++)
        {
            lease.Spec.RenewTime = s.Time.GetUtcNow().UtcDateTime.AddHours(-1);
            lease = await holder.ReplaceAsync(KubeKinds.Leases, lease, default);
            await s.Delay(TimeSpan.FromSeconds(10));
            Assert.False(b.Working);
        }

        b.Stop();
        await b.Run;
    });

    [Fact]
    public void The_deadline_counts_from_the_beginning_of_the_last_renewal_not_from_its_answer() => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a");
        await s.Delay(TimeSpan.FromSeconds(1));
        var renewed = TimeSpan.Zero;
        server.Committed += _ => renewed = s.Time.Elapsed;
        // Others see the renewal at once; its answer takes three seconds.
        a.Api.Faults.After = (_, _) => s.Delay(TimeSpan.FromSeconds(3), CancellationToken.None);
        await s.Delay(TimeSpan.FromSeconds(21));
        a.Api.Faults.Before = (_, _) => throw new HttpRequestException("cut");
        await a.Run;
        Assert.Equal(LeadershipEnd.Lost, a.End);
        Assert.InRange((a.Cancelled!.Value - renewed).TotalSeconds, 9, 10);
    });

    [Fact]
    public void Errors_within_the_deadline_do_not_end_the_term() => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a");
        await s.Delay(TimeSpan.FromSeconds(3));
        foreach (var fault in new Exception[] { new HttpRequestException("refused"), new KubeApiException(500, "InternalError", "etcd"), new IOException("reset") })
        {
            a.Api.Faults.Before = (_, _) => throw fault;
            await s.Delay(TimeSpan.FromSeconds(6));
            a.Api.Faults.Before = null;
            await s.Delay(TimeSpan.FromSeconds(6));
            Assert.True(a.Working && a.Elector.IsLeader);
        }

        a.Stop();
        await a.Run;
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_work_is_cancelled_before_another_may_begin_also_when_every_call_hangs_and_ignores_its_token(bool hang) => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a", windDown: TimeSpan.FromSeconds(3));
        await s.Delay(TimeSpan.FromSeconds(5));
        var b = new Candidate(s, server, "b");
        await s.Delay(TimeSpan.FromSeconds(31));
        a.Api.Faults.Before = (_, _) => hang ? new TaskCompletionSource().Task : throw new HttpRequestException("partitioned");
        var cut = s.Time.Elapsed;
        for (var i = 0; i < 4000; i++)
        {
            Assert.False(a.Working && b.Working, "both work");
            Assert.False(a.Elector.IsLeader && b.Elector.IsLeader, "both lead");
            await s.Delay(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange((a.Cancelled!.Value - cut).TotalSeconds, 8, 10);
        Assert.InRange((b.Began!.Value - cut).TotalSeconds, 13, 20);
        Assert.Equal(LeadershipEnd.Lost, a.End);
        b.Stop();
        await b.Run;
    });

    [Fact]
    public void A_lost_answer_of_the_taking_write_is_recognised_as_ours() => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a");
        var first = true;
        a.Api.Faults.After = (call, _) =>
        {
            if (!call.IsWrite || !first)
                return Task.CompletedTask;
            first = false;
            throw new IOException("answer lost");
        };
        await s.Delay(TimeSpan.FromSeconds(5));
        Assert.True(a.Working);
        a.Stop();
        await a.Run;
    });

    [Fact]
    public void A_lost_answer_of_a_renewal_does_not_end_the_term() => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a");
        await s.Delay(TimeSpan.FromSeconds(1));
        var writes = 0;
        a.Api.Faults.After = (call, _) => call.IsWrite && ++writes % 2 == 1 ? throw new IOException("answer lost") : Task.CompletedTask;
        await s.Delay(TimeSpan.FromMinutes(5));
        Assert.True(a.Working && a.Elector.IsLeader);
        a.Stop();
        await a.Run;
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_lease_taken_by_force_or_deleted_ends_the_work_at_the_next_renewal(bool delete) => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a");
        await s.Delay(TimeSpan.FromSeconds(5));
        var other = server.Client("other");
        if (delete)
        {
            await other.DeleteAsync(KubeKinds.Leases, Key, new(), default);
        }
        else
        {
            var lease = Lease(server);
            lease.Spec.HolderIdentity = "other";
            await other.ReplaceAsync(KubeKinds.Leases, lease, default);
        }

        await s.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Equal(LeadershipEnd.Lost, a.End);
        Assert.Equal(delete, server.Json(KubeKinds.Leases, Key) is null);
        if (!delete)
            Assert.Equal("other", Lease(server).Spec.HolderIdentity);
    });

    [Fact]
    public void While_the_work_winds_down_the_lease_is_still_renewed() => Run(async (s, server) =>
    {
        var a = new Candidate(s, server, "a", windDown: TimeSpan.FromSeconds(18));
        await s.Delay(TimeSpan.FromSeconds(5));
        var b = new Candidate(s, server, "b");
        await s.Delay(TimeSpan.FromSeconds(5));
        a.Stop();
        for (var i = 0; i < 250; i++)
        {
            Assert.False(a.Working && b.Working, "both work");
            await s.Delay(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(LeadershipEnd.Stopped, a.End);
        Assert.True(b.Working);
        Assert.InRange((b.Began!.Value - a.Cancelled!.Value).TotalSeconds, 18, 21);
        b.Stop();
        await b.Run;
    });

    [Fact]
    public void Work_that_never_ends_after_a_stop_keeps_the_lease_until_it_expires() => Run(async (s, server) =>
    {
        var api = server.Client("a");
        var elector = new LeaderElector(api, Options("a"), s.Time, new Jitter(1));
        using var stop = new CancellationTokenSource();
        var run = s.Spawn("a", () => elector.RunAsync(_ => new TaskCompletionSource().Task, stop.Token));
        await s.Delay(TimeSpan.FromSeconds(5));
        stop.Cancel();
        await run;
        Assert.InRange(s.Time.Elapsed.TotalSeconds, 25, 28);
        Assert.Equal("a", Lease(server).Spec.HolderIdentity);
    });

    [Fact]
    public void What_the_work_throws_comes_out_and_the_lease_is_released() => Run(async (s, server) =>
    {
        var elector = new LeaderElector(server.Client("a"), Options("a"), s.Time, new Jitter(1));
        await Assert.ThrowsAsync<InvalidDataException>(() => elector.RunAsync(
            async t =>
            {
                await Task.Delay(TimeSpan.FromSeconds(7), s.Time, t);
                throw new InvalidDataException("broken");
            },
            default));
        Assert.True(string.IsNullOrEmpty(Lease(server).Spec.HolderIdentity));
        Assert.InRange(s.Time.Elapsed.TotalSeconds, 7, 7.1);
    });

    [Fact]
    public void Times_out_of_order_are_refused()
    {
        foreach (var bad in new[]
        {
            Options("a") with { RenewDeadline = TimeSpan.FromSeconds(15) },
            Options("a") with { RetryPeriod = TimeSpan.FromSeconds(10) },
            Options("a") with { LeaseDuration = TimeSpan.FromSeconds(15.5) },
            Options(""),
        })
            Assert.ThrowsAny<ArgumentException>(() => new LeaderElector(null!, bad, TimeProvider.System, new Jitter(1)));
    }

    /// <summary>Three candidates under lost calls, lost answers, latency and restarts: never two at work, and somebody mostly is.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Under_chaos_at_most_one_works(int seed) => Run(
        async (s, server) =>
        {
            var all = Enumerable.Range(0, 3).Select(i => Start(s, server, $"c{i}-0")).ToList();
            var (worked, samples) = (0, 0);
            for (var i = 0; i < 6000; i++)
            {
                var working = all.Count(c => c.Working);
                Assert.True(working <= 1, "two work");
                (worked, samples) = (worked + working, samples + 1);
                if (s.Random.Next(300) == 0)
                    all[s.Random.Next(3)].Stop();
                for (var c = 0; c < 3; c++)
                {
                    if (all[c].End is not null)
                        all[c] = Start(s, server, $"c{c}-{i + 1}");
                }

                await s.Delay(TimeSpan.FromMilliseconds(100));
            }

            Assert.True(worked > samples / 3, $"work was done in {worked} of {samples} moments");
            all.ForEach(c => c.Stop());
            await Task.WhenAll(all.ConvertAll(c => c.Run));
        },
        seed);

    private static Candidate Start(Simulator s, InMemoryKubeServer server, string name)
    {
        var candidate = new Candidate(s, server, name, windDown: TimeSpan.FromSeconds(s.Random.Next(4)));
        candidate.Api.Faults.Before = async (_, _) =>
        {
            // A slow call cannot be called back: its effect comes when it comes.
            await s.Delay(TimeSpan.FromMilliseconds(s.Random.Next(10) == 0 ? s.Random.Next(8000) : s.Random.Next(300)), CancellationToken.None);
            if (s.Random.Next(5) == 0)
                throw new HttpRequestException("lost");
        };
        candidate.Api.Faults.After = async (_, _) =>
        {
            await s.Delay(TimeSpan.FromMilliseconds(s.Random.Next(10) == 0 ? s.Random.Next(8000) : s.Random.Next(300)), CancellationToken.None);
            if (s.Random.Next(8) == 0)
                throw new IOException("answer lost");
        };
        return candidate;
    }
}
