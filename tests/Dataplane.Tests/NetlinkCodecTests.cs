using System.Net;
using System.Net.NetworkInformation;
using CsCheck;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Xunit;

namespace Vnetcni.Dataplane.Tests;

/// <summary>Writer and reader without a kernel: what is written is read back, and hostile bytes do no harm.</summary>
public sealed class NetlinkCodecTests
{
    [Fact]
    public void A_route_message_is_written_byte_by_byte_as_the_kernel_wants_it()
    {
        var writer = new NetlinkWriter(stackalloc byte[128], 7);
        writer.NewUnreachable(IPAddress.Parse("10.1.2.3"), 1000);
        const string expected = "2C000000" + "1800" + "0506" + "07000000" + "00000000" // length 44, RTM_NEWROUTE, CREATE|EXCL|ACK|REQUEST, sequence
            + "02200000" + "FE760007" + "00000000" // AF_INET /32, table main, protocol 118, universe, unreachable
            + "08000100" + "0A010203" // RTA_DST
            + "08000600" + "E8030000"; // RTA_PRIORITY
        Assert.Equal(expected, Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void Messages_of_a_batch_count_their_sequence_up_and_begin_aligned()
    {
        var writer = new NetlinkWriter(stackalloc byte[512], uint.MaxValue);
        writer.DeleteLink("abcd");
        writer.DeleteLink("abc");
        writer.LinkUp(3);
        Assert.Equal(3, writer.Count);
        var messages = new NetlinkMessages(writer.Written);
        var sequences = new List<uint>();
        while (messages.MoveNext())
            sequences.Add(messages.Header.Sequence);
        Assert.False(messages.Malformed);
        Assert.Equal([uint.MaxValue, 0, 1], sequences);
    }

    [Fact]
    public void A_batch_larger_than_its_buffer_throws_instead_of_being_cut()
    {
        Assert.Throws<InvalidOperationException>(() =>
        {
            var writer = new NetlinkWriter(stackalloc byte[40], 1);
            writer.NewUnreachable(IPAddress.Loopback, 1);
        });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            var writer = new NetlinkWriter(stackalloc byte[64], 1);
            writer.DeleteGroup(0);
        });
    }

    [Fact]
    public void Attributes_of_any_length_are_read_back_as_written()
    {
        Gen.Select(Gen.UShort[1, 0x3fff], Gen.Byte.Array[0, 40]).Array[0, 12].Sample(attributes =>
        {
            var writer = new NetlinkWriter(new byte[1024], 1);
            writer.BeginChange(MessageType.NewLink, 0, default(LinkHeader));
            foreach (var (type, value) in attributes)
                writer.Put(type, value);
            writer.End();
            var messages = new NetlinkMessages(writer.Written);
            Assert.True(messages.MoveNext());
            var read = NetlinkAttributes.After(messages.Payload, out LinkHeader _);
            foreach (var (type, value) in attributes)
            {
                Assert.True(read.MoveNext());
                Assert.Equal(type, read.Type);
                Assert.Equal(value, read.Value.ToArray());
            }
            Assert.False(read.MoveNext());
            Assert.False(messages.MoveNext());
            Assert.False(messages.Malformed);
        });
    }

    [Fact]
    public void Random_bytes_never_crash_the_reader() => Gen.Byte.Array[0, 200].Sample(ReadEverything, iter: 20_000);

    [Fact]
    public void A_real_message_with_changed_bytes_never_crashes_the_reader()
    {
        var writer = new NetlinkWriter(new byte[1024], 1);
        writer.NewVeth(new VethEnd("vn0", PhysicalAddress.Parse("02-00-00-00-00-01")), new VethEnd("eth0", PhysicalAddress.Parse("02-00-00-00-00-02")), 1500, 9, 5);
        writer.NewLinkRoute(IPAddress.Loopback, 3);
        writer.NewPermanentNeighbour(3, IPAddress.Loopback, PhysicalAddress.Parse("02-00-00-00-00-01"));
        var valid = writer.Written.ToArray();
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte).Array[1, 6].Select(Gen.Int[0, valid.Length]).Sample((changes, length) =>
        {
            var bytes = valid.ToArray();
            foreach (var (at, value) in changes)
                bytes[at] = value;
            ReadEverything(bytes[..length]);
        }, iter: 20_000);
    }

    [Theory]
    [InlineData("0F000000020000000100000000000000")]
    [InlineData("FFFFFFFF020000000100000000000000")]
    [InlineData("11000000020000000100000000000000")]
    [InlineData("100000000200000001000000")]
    public void Lengths_that_do_not_fit_end_the_walk_and_are_told(string hex)
    {
        var messages = new NetlinkMessages(Convert.FromHexString(hex));
        Assert.False(messages.MoveNext());
        Assert.True(messages.Malformed);
        Assert.False(messages.MoveNext());
    }

    [Theory]
    // errno, flags, echoed bytes after the request's header, text expected
    [InlineData(-17, MessageFlags.Capped | MessageFlags.AckAttributes, 0, "the words")]
    [InlineData(-17, MessageFlags.AckAttributes, 12, "the words")]
    [InlineData(-17, 0, 12, "")]
    public void The_kernels_words_are_found_whether_the_request_is_echoed_or_not(int error, ushort flags, int echoed, string words)
    {
        var writer = new NetlinkWriter(new byte[256], 1);
        writer.BeginQuery(MessageType.Error, flags, new ErrorMessage { Error = error, Request = new MessageHeader { Length = 16 + (uint)echoed } });
        for (var i = 0; i < echoed; i += 4)
            writer.PutHeader(0u);
        writer.Put(ErrorAttribute.Text, "the words");
        writer.End();
        var messages = new NetlinkMessages(writer.Written);
        Assert.True(messages.MoveNext());
        var failure = NetlinkFailure.Parse(messages.Header, messages.Payload, 2, MessageType.NewRoute);
        Assert.Equal(new NetlinkFailure(2, MessageType.NewRoute, 17, words), failure);
        Assert.Contains("doing it: RTM_NEWROUTE failed with EEXIST (File exists)", failure!.ToException("doing it").Message, StringComparison.Ordinal);
    }

    /// <summary>Every parser over every message, whatever its type says.</summary>
    private static void ReadEverything(byte[] bytes)
    {
        // A copy of the exact length, so that reading beyond it throws.
        var messages = new NetlinkMessages(bytes.ToArray());
        var total = 0;
        while (messages.MoveNext())
        {
            total += messages.Payload.Length;
            Link.Parse(messages.Payload);
            Route.Parse(messages.Payload);
            NetlinkFailure.Parse(messages.Header, messages.Payload, 0, 16);
            WalkNested(messages.Payload, 0);
        }
        Link.Parse(bytes);
        Route.Parse(bytes);
        NetlinkFailure.Parse(new MessageHeader { Flags = MessageFlags.AckAttributes }, bytes, 0, 16);
        Assert.InRange(total, 0, bytes.Length);
    }

    private static void WalkNested(ReadOnlySpan<byte> bytes, int depth)
    {
        var attributes = new NetlinkAttributes(bytes);
        while (attributes.MoveNext())
        {
            _ = attributes.Number;
            _ = attributes.Text;
            if (depth < 4)
                WalkNested(attributes.Value, depth + 1);
        }
    }
}
