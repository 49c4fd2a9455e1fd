using System.Text;
using System.Text.Json;
using CsCheck;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Spool;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.Fuzzing;

namespace Vnetcni.AgentProtocol.Tests;

/// <summary>What comes from outside, spoilt: it is taken, or refused with the error that is meant for it, which can be told.</summary>
public sealed class ProtocolFuzzTests
{
    private static readonly byte[] s_config = """
        {"cniVersion":"1.1.0","name":"vnet","type":"vnetcni","socket":"/run/vnetcni/agent.sock","mtu":1500,"capabilities":{"dns":true},
        "prevResult":{"interfaces":[{"name":"eth0","sandbox":"/run/netns/x"}],"ips":[{"interface":0,"address":"10.0.0.1/32"}],"dns":{}}}
        """u8.ToArray();

    [Fact]
    public void A_spoilt_request_is_one_that_can_be_sent_again_or_is_not_understood()
    {
        Assert.Equal(CniCommand.Gc, WireRequest.Parse(Request(CniCommand.Gc)).Environment.Command);
        Fuzz.Check([Request(CniCommand.Add), Request(CniCommand.Gc)], Fuzz.JsonWords, bytes =>
        {
            WireRequest request;
            try
            {
                request = WireRequest.Parse(bytes);
            }
            catch (CniException e)
            {
                Assert.True(e.NotUnderstood);
                AssertTold(e, CniErrorCode.Decode, CniErrorCode.TryAgainLater);
                return;
            }

            var again = WireRequest.Parse(request.ToFrame().AsMemory(WireLimits.LengthBytes));
            Assert.Equal(request.Environment, again.Environment);
            Assert.True(request.Config.Span.SequenceEqual(again.Config.Span));
            Take(request.Environment.Validate, CniErrorCode.InvalidEnvironment);
        });
    }

    [Fact]
    public void A_spoilt_stdin_is_a_configuration_or_a_told_error() =>
        Fuzz.Check([s_config], Fuzz.JsonWords, bytes =>
        {
            NetworkConfigHead? head = null;
            Take(() => head = NetworkConfigHead.Parse(bytes), CniErrorCode.Decode);
            foreach (var command in head is null ? [] : Enum.GetValues<CniCommand>())
                Take(() => head!.Validate(command), CniErrorCode.IncompatibleVersion, CniErrorCode.InvalidConfig);
        });

    [Fact]
    public void A_spoilt_record_of_a_DEL_is_none_or_one_that_can_be_written_again()
    {
        var entry = new SpoolEntry("b2c3", "vnet", "c1", "eth0", new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)));
        Assert.Equal(entry, SpoolEntry.Parse(entry.ToJson()));
        Fuzz.Check([entry.ToJson()], Fuzz.JsonWords, bytes =>
        {
            if (SpoolEntry.Parse(bytes) is not { } read)
                return;
            Assert.Equal(read, SpoolEntry.Parse(read.ToJson()));
            Assert.DoesNotContain('/', SpoolEntry.FileName(read.Network, read.ContainerId, read.InterfaceName));
        });
    }

    [Fact]
    public void A_spoilt_reply_is_an_exit_code_and_an_output_or_a_told_error() =>
        Fuzz.Check([WireReply.Error("1.0.0", new CniException(7, "x", "y")).ToFrame()[WireLimits.LengthBytes..]], [], bytes =>
            Take(() => Assert.Equal(bytes, WireReply.Parse(bytes).ToFrame()[WireLimits.LengthBytes..]), CniErrorCode.Io));

    [Fact]
    public void Any_variables_are_taken_or_refused_by_name()
    {
        var text = Gen.String[Gen.OneOf(Gen.Char.AlphaNumeric, Gen.Char["/.:%; \0\t=-_"], Gen.Char), 0, 90];
        Gen.Select(Gen.OneOf(Gen.Enum<CniCommand>().Select(CniCommandNames.Name), text), text, text, text, text).Sample(
            (command, id, ifname, netns, args) =>
            {
                CniEnvironment? read = null;
                Take(
                    () => read = CniEnvironment.Read(name => name switch
                    {
                        "CNI_COMMAND" => command,
                        "CNI_CONTAINERID" => id,
                        "CNI_IFNAME" => ifname,
                        "CNI_NETNS" => netns,
                        "CNI_PATH" => "/opt/cni/bin",
                        _ => args,
                    }),
                    CniErrorCode.InvalidEnvironment);
                // What is taken fits a frame, and says the same at the other end but for halves of characters.
                if (read is not null)
                    Assert.Equal(read.Command, WireRequest.Parse(new WireRequest(read, s_config).ToFrame().AsMemory(WireLimits.LengthBytes)).Environment.Command);
            },
            iter: Math.Max(Check.Iter, Fuzz.Cases));
    }

    [Fact]
    public void A_name_that_is_cut_in_the_middle_of_a_character_can_still_be_told()
    {
        var name = new string('a', 63) + "\U0001F600" + new string('b', 40);
        var error = Assert.Throws<CniException>(() => new CniEnvironment(CniCommand.Del, name, "eth0", "", "", "").Validate());
        AssertTold(error, CniErrorCode.InvalidEnvironment);
        error = Assert.Throws<CniException>(() => new NetworkConfigHead("1.0.0", name, null).Validate(CniCommand.Del));
        AssertTold(error, CniErrorCode.InvalidConfig);
    }

    [Fact]
    public void Any_error_can_be_told() =>
        Gen.Select(Gen.String[0, 80], Gen.String[0, 80], Gen.String[0, 8]).Sample(
            (message, details, version) =>
            {
                var json = JsonDocument.Parse(CniErrorJson.Write(version, new CniException(7, message, details))).RootElement;
                Assert.Equal(Whole(message), json.GetProperty("msg").GetString());
            },
            iter: Math.Max(Check.Iter, Fuzz.Cases));

    private static byte[] Request(CniCommand command) =>
        new WireRequest(new CniEnvironment(command, "c1", "eth0", "/run/netns/x", "/opt/cni/bin", "K8S_POD_NAME=p;IgnoreUnknown=1"), s_config)
            .ToFrame()[WireLimits.LengthBytes..];

    private static void Take(Action action, params int[] codes)
    {
        try
        {
            action();
        }
        catch (CniException e)
        {
            AssertTold(e, codes);
        }
    }

    private static void AssertTold(CniException error, params int[] codes)
    {
        Assert.Contains(error.Code, codes);
        Assert.NotEmpty(error.Message);
        var json = JsonDocument.Parse(CniErrorJson.Write(null, error)).RootElement;
        Assert.Equal(error.Code, json.GetProperty("code").GetInt32());
        Assert.InRange(error.Message.Length + error.Details.Length, 1, 1024);
    }

    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
