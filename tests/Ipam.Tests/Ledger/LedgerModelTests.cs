using CsCheck;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Xunit;
using static Vnetcni.Ipam.Tests.Ledger.LedgerFixture;

namespace Vnetcni.Ipam.Tests.Ledger;

/// <summary>The ledger against a model of dictionaries and sets that spells the rules out one by one.</summary>
public class LedgerModelTests
{
    private const int Addresses = 5;
    private const int Owners = 6;

    private static readonly Gen<(int Kind, int A, int B, int C)> Step =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, (1 << Addresses) - 1], Gen.Int[0, (1 << Addresses) - 1], Gen.Int[0, (1 << Addresses) - 1]);

    [Fact]
    public void The_ledger_behaves_like_its_model() => Step.Array[1, 60].Sample(Run, iter: 10_000);

    private static void Run((int Kind, int A, int B, int C)[] steps)
    {
        var ledger = new AddressLedger(new LedgerPolicy());
        var model = new Model();
        var now = Start;
        foreach (var (kind, a, b, c) in steps)
        {
            now += TimeSpan.FromSeconds(a % 3);
            switch (kind)
            {
                case 0 or 1 or 2:
                    var given = ledger.TryAssign(Pod(b % Owners), "azv", 0, now, out var entry) == AssignOutcome.NoAddress ? -1 : Number(entry!.Address);
                    model.Assigned(b % Owners, given, now);
                    break;
                case 3:
                    var freed = ledger.Free(Pod(b % Owners), now);
                    Assert.Equal(model.Free(b % Owners), freed is null ? -1 : Number(freed.Address));
                    break;
                case 4:
                    foreach (var leaving in ledger.Entries.Where(e => e.State == AddressState.Detaching).ToArray())
                        ledger.Reaped(leaving, now);
                    model.Reap(now);
                    break;
                case 5:
                    now += TimeSpan.FromSeconds(b % 40);
                    ledger.Tick(now);
                    break;
                case 6:
                    var offer = ledger.Releasable().Take(1 + (b % 2)).ToArray();
                    ledger.Offer(offer);
                    foreach (var offered in offer)
                        model.Offer(Number(offered.Address));
                    break;
                case 7:
                    foreach (var back in ledger.Withdraw(1))
                        model.Withdraw(Number(back.Address));
                    break;
                default:
                    var own = (c & 1) != 0;
                    var listed = model.Listable(c >> 1, own);
                    ledger.Publish(Status(Bits(a & ~b), Bits(a & b), [.. listed], own, atLimit: (c & 2) != 0), now);
                    model.Publish(Bits(a & ~b), Bits(a & b), listed, own, atLimit: (c & 2) != 0);
                    break;
            }

            model.Compare(ledger, now);
        }
    }

    private static int[] Bits(int mask) => [.. Enumerable.Range(0, Addresses).Where(n => (mask & (1 << n)) != 0)];

    private static int Number(IpAddress address) => (int)(address.Value - Ip(0).Value);

    private sealed class Model
    {
        private readonly Dictionary<int, int> _held = [];
        private readonly HashSet<int> _leaving = [];
        private readonly Dictionary<int, DateTimeOffset> _reaped = [];
        private readonly HashSet<int> _free = [];
        private readonly HashSet<int> _offered = [];
        private readonly HashSet<int> _withdrawing = [];
        private readonly HashSet<int> _promised = [];
        private HashSet<int> _available = [];
        private HashSet<int> _releasing = [];
        private bool _fenced;
        private bool _atLimit;

        // What usage can hold: what this ledger offers; offers being withdrawn until the own write is committed; and before
        // that, or with an older self's write, anything.
        public HashSet<int> Listable(int mask, bool own) => own ? [.. _offered] : [.. _offered, .. _withdrawing, .. Bits(mask & 3)];

        public void Assigned(int owner, int given, DateTimeOffset now)
        {
            if (_held.TryGetValue(owner, out var held))
            {
                Assert.Equal(held, given);
                return;
            }

            Settle(now);
            var rested = _free.Where(_available.Contains).ToArray();
            var early = _reaped.Where(r => _atLimit && _available.Contains(r.Key) && !_promised.Contains(r.Key) && r.Value + TimeSpan.FromSeconds(5) <= now)
                .OrderBy(r => r.Value).ToArray();
            if (!_fenced || rested.Length + early.Length == 0)
            {
                Assert.Equal(-1, given);
                return;
            }

            if (rested.Length > 0)
                Assert.Contains(given, rested);
            else
                Assert.Contains(given, early.Where(r => r.Value == early[0].Value).Select(r => r.Key));
            _held.Add(owner, given);
            _free.Remove(given);
            _reaped.Remove(given);
        }

        public int Free(int owner)
        {
            if (!_held.Remove(owner, out var address))
                return -1;
            _leaving.Add(address);
            return address;
        }

        public void Reap(DateTimeOffset now)
        {
            foreach (var address in _leaving)
                _reaped[address] = now;
            _leaving.Clear();
        }

        public void Offer(int address)
        {
            Assert.True(_free.Remove(address));
            Assert.Contains(address, _available);
            _offered.Add(address);
        }

        public void Withdraw(int address)
        {
            Assert.Contains(address, _available);
            Assert.True(_offered.Remove(address));
            _withdrawing.Add(address);
        }

        public void Publish(int[] available, int[] releasing, HashSet<int> usage, bool own, bool atLimit)
        {
            _fenced |= own;
            _atLimit = atLimit;
            _available = [.. available];
            _releasing = [.. releasing];
            for (var n = 0; n < Addresses; n++)
            {
                var busy = _held.ContainsValue(n) || _leaving.Contains(n) || _reaped.ContainsKey(n);
                if (!busy)
                    PublishIdle(n, usage.Contains(n), own);
                else if (!_held.ContainsValue(n) && usage.Contains(n))
                    _promised.Add(n);
                else if (own)
                    _promised.Remove(n);
            }
        }

        public void Compare(AddressLedger ledger, DateTimeOffset now)
        {
            ledger.Tick(now);
            Settle(now);
            var held = ledger.Entries.Where(e => e.State == AddressState.Assigned).ToDictionary(e => e.Owner!, e => Number(e.Address));
            Assert.Equal(_held.ToDictionary(h => Pod(h.Key), h => h.Value), held);
            Assert.Equal(_held.Count, _held.Values.Distinct().Count());
            Same(ledger, AddressState.Free, _free);
            Same(ledger, AddressState.Detaching, _leaving);
            Same(ledger, AddressState.Cooling, _reaped.Keys);
            Same(ledger, AddressState.Offered, _offered);
            Same(ledger, AddressState.Withdrawing, _withdrawing);
        }

        private static void Same(AddressLedger ledger, AddressState state, IEnumerable<int> expected) =>
            Assert.Equal(expected.Order(), ledger.Entries.Where(e => e.State == state).Select(e => Number(e.Address)));

        private void PublishIdle(int n, bool usageListsIt, bool own)
        {
            var (known, free, wanted) = (_free.Contains(n) || _offered.Contains(n) || _withdrawing.Contains(n), _free.Contains(n), _withdrawing.Contains(n));
            _free.Remove(n);
            _withdrawing.Remove(n);
            if (!_available.Contains(n) && !(_releasing.Contains(n) && known))
            {
                _offered.Remove(n);
                return;
            }

            if (_offered.Contains(n))
                return;
            if (wanted && _available.Contains(n) && (usageListsIt || !own))
                _withdrawing.Add(n);
            else if (_releasing.Contains(n) || (usageListsIt && (free || (!known && _fenced))))
                _offered.Add(n);
            else if (known || _fenced)
                _free.Add(n);
        }

        private void Settle(DateTimeOffset now)
        {
            foreach (var (n, _) in _reaped.Where(r => r.Value + TimeSpan.FromSeconds(30) <= now).ToArray())
            {
                _reaped.Remove(n);
                var promised = _promised.Remove(n);
                if (_releasing.Contains(n) || (promised && _available.Contains(n)))
                    _offered.Add(n);
                else if (_available.Contains(n))
                    _free.Add(n);
            }
        }
    }
}
