using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.Demand;
using Vnetcni.NodeAgent.Pool;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Pool;

/// <summary>The pool's size over time, by the product's own ledger and planner, with an operator that grants at once.</summary>
public class ScalingTests
{
    [Fact]
    public void Demand_that_swings_faster_than_the_release_delay_grows_the_pool_once_at_most_and_releases_nothing() =>
        Gen.Select(Settings, Gen.Int[0, 120], Gen.Int[0, 80], Gen.Int[1, 170], Gen.Int[1, 600]).Sample((settings, low, band, dip, top) =>
        {
            var node = new Node(settings);
            node.Settle(low);
            var (grown, released) = (node.Grown, node.Released);
            for (var swing = 0; swing < 8; swing++)
            {
                node.Hold(low + band, top);
                node.Hold(low, dip);
            }

            Assert.True(node.Grown - grown <= 1, $"grown {node.Grown - grown} times");
            Assert.Equal(released, node.Released);
        }, iter: 200);

    [Fact]
    public void Demand_that_wanders_within_a_band_grows_the_pool_no_more_once_it_was_at_the_top_and_releases_nothing() =>
        Gen.Select(Settings, Gen.Int[0, 100], Gen.Int[1, 60], Gen.Double[0, 1].Array[10, 60]).Sample((settings, low, band, walk) =>
        {
            var node = new Node(settings);
            node.Settle(low + band);
            var (grown, released) = (node.Grown, node.Released);
            for (var step = 0; step < walk.Length; step++)
                // Back at the top every 2 minutes: sooner than after the release delay of 3.
                node.Hold(step % 4 == 3 ? low + band : low + (int)(walk[step] * band), 30);
            Assert.Equal(grown, node.Grown);
            Assert.Equal(released, node.Released);
        }, iter: 200);

    [Fact]
    public void An_excess_that_lasts_is_released_and_the_pool_comes_to_rest() =>
        Gen.Select(Settings, Gen.Int[40, 200], Gen.Int[0, 30]).Sample((settings, high, low) =>
        {
            var node = new Node(settings);
            node.Settle(high);
            var held = node.Held;
            node.Hold(low, 170);
            Assert.Equal(held, node.Held);
            node.Hold(low, 600);
            Assert.True(node.Held < held || held - low <= settings.MaxFree, $"{node.Held} of {held} still held");
            var (grown, released) = (node.Grown, node.Released);
            node.Hold(low, 3600);
            Assert.Equal((grown, released), (node.Grown, node.Released));
            Assert.InRange(node.Held, low + settings.MinFree, low + settings.MinFree + Math.Max(settings.BatchSize, settings.MaxFree));
        }, iter: 100);

    [Fact]
    public void The_addresses_that_rest_are_counted_as_unavailable_and_the_pool_grows_past_them()
    {
        var node = new Node(new EffectiveSettings { MinFree = 2, BatchSize = 1, MaxFree = 4 });
        node.Settle(10);
        Assert.Equal(12, node.Held);
        node.Attach(1, 10);
        node.Detach(1, 10);
        // Ten pods come in the place of ten that went: theirs rest for 30 s yet.
        node.Hold(10, 1);
        Assert.Equal(22, node.Held);
        Assert.Equal(10, node.Count.Unavailable);
        Assert.Equal(12, node.Count.Assignable);
        node.Hold(10, 60);
        Assert.Equal(0, node.Count.Unavailable);
    }

    [Fact]
    public void A_rolling_restart_grows_the_pool_by_one_generation_at_most_and_releases_nothing_meanwhile() =>
        Gen.Select(Gen.Int[5, 40], Gen.Int[31, 120]).Sample((pods, period) =>
        {
            var node = new Node(new EffectiveSettings { MinFree = 2, BatchSize = 4, MaxFree = 8 });
            node.Settle(pods);
            node.Attach(0, pods);
            var released = node.Released;
            for (var generation = 1; generation < 8; generation++)
            {
                node.Detach(generation - 1, pods);
                node.Hold(pods, 1);
                node.Attach(generation, pods);
                node.Hold(pods, period);
                Assert.True(node.Held <= (2 * pods) + 2 + 4, $"{node.Held} held for {pods} pods");
            }

            Assert.Equal(released, node.Released);
            Assert.True(node.Grown <= 2, $"{node.Grown}");
        }, iter: 60);

    private static Gen<EffectiveSettings> Settings =>
        Gen.Select(Gen.Int[0, 16], Gen.Int[1, 32], Gen.Int[0, 24]).Select((minFree, batch, more) => new EffectiveSettings
        {
            MinFree = minFree,
            BatchSize = batch,
            MaxFree = minFree + batch + more,
        });

    /// <summary>One node; what it asks for it gets, and what it offers is taken, both at once.</summary>
    private sealed class Node
    {
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        private readonly EffectiveSettings _settings;
        private readonly AddressBook _book;
        private readonly NodePool _pool;
        private readonly SortedSet<int> _listed = [];
        private int _next = 1;

        public Node(EffectiveSettings settings)
        {
            _settings = settings;
            var agent = new AgentSettings { NodeName = "n", BootId = "b" };
            _book = new AddressBook(
                new AddressLedger(new LedgerPolicy(), fenced: true), new NoStore(), LedgerMeta.None, agent, _time, NullLogger.Instance);
            _pool = new NodePool(_book, new FakeNetwork(new FakeKernel(), new FaultPoints()), agent, _time);
            Publish();
        }

        public int Grown { get; private set; }

        public int Released { get; private set; }

        public int Held => _listed.Count;

        public LedgerCounts Count => _book.Count();

        /// <summary>The pool as it is once this demand has lasted for long.</summary>
        public void Settle(int pods)
        {
            Hold(pods, 1);
            (Grown, Released) = (0, 0);
        }

        /// <summary>So many pods for so many seconds, with a plan every ten at least.</summary>
        public void Hold(int pods, int seconds)
        {
            for (var left = seconds; left > 0; left -= 10)
            {
                Round(pods);
                _time.Advance(TimeSpan.FromSeconds(Math.Min(10, left)));
                _book.Tick();
            }

            Round(pods);
        }

        public void Attach(int generation, int pods)
        {
            for (var n = 0; n < pods; n++)
            {
                var add = _book.Begin(Owner(generation, n), $"azv{generation}x{n}", 0);
                var taken = _book.TakeAsync(add, TimeSpan.Zero, () => throw new InvalidOperationException("no address"), CancellationToken.None);
                Assert.True(taken.IsCompletedSuccessfully);
                Assert.True(_book.Complete(add, out _));
            }
        }

        public void Detach(int generation, int pods)
        {
            for (var n = 0; n < pods; n++)
                _book.Detached(Assert.Single(_book.Free(Owner(generation, n))), done: true);
            _book.Swept(_book.BeginSweep()!);
        }

        private static Owner Owner(int generation, int n) => new("net", $"g{generation}p{n}", "eth0");

        private void Round(int pods)
        {
            UsageReport report = null!;
            SingleThread.Run(_time, async () => report = await _pool.PlanAsync(new PodCount(pods, 0), mayRelease: true, CancellationToken.None));
            var gone = report.Releasable.Count;
            foreach (var address in report.Releasable)
                _listed.Remove(_listed.Single(n => TestPool.Ip(n) == address));
            Released += gone;
            var missing = report.Desired - _listed.Count;
            Grown += missing > 0 ? 1 : 0;
            for (var n = 0; n < missing; n++)
                _listed.Add(_next++);
            if (gone > 0 || missing > 0)
                Publish();
        }

        private void Publish()
        {
            var publication = new Publication
            {
                Addresses = [.. _listed.Select(n => new ListedAddress(TestPool.Ip(n), false))],
                OwnWriteCommitted = true,
            };
            SingleThread.Run(_time, () => _pool.PublishAsync(new PoolSnapshot(publication, _settings, "", Present: true), CancellationToken.None));
        }
    }

    private sealed class NoStore : ILedgerStore
    {
        public LedgerImage Load() => LedgerImage.Nothing("");

        public void Append(in LedgerRecord record)
        {
        }

        public void Drop(Vnetcni.Ipam.Addressing.IpAddress address)
        {
        }

        public void Append(LedgerMeta meta)
        {
        }

        public void Replace(IReadOnlyCollection<LedgerRecord> records, LedgerMeta meta)
        {
        }
    }
}
