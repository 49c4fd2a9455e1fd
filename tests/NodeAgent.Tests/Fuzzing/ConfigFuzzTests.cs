using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Spool;
using Vnetcni.AgentProtocol.Wire;
using Vnetcni.Dataplane;
using Vnetcni.Fuzzing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.CniServer;
using Vnetcni.NodeAgent.CniServer.Calls;
using Vnetcni.NodeAgent.CniServer.Config;
using Vnetcni.NodeAgent.CniServer.Results;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Fuzzing;

/// <summary>Configurations and whole calls, spoilt, through all that reads them before anything is done, and into the result.</summary>
public sealed class ConfigFuzzTests
{
    private static readonly int[] s_codes = [CniErrorCode.IncompatibleVersion, CniErrorCode.Decode, CniErrorCode.InvalidConfig];

    private static readonly AddOutcome s_made = new(
        new AttachedInterface("azvabc", PhysicalAddress.Parse("0A580AE00001"), PhysicalAddress.Parse("0A580AE00002"), 1500, IPAddress.Parse("169.254.1.1")),
        new PodAddress(IPAddress.Parse("10.1.0.70"), IPAddress.Parse("169.254.1.1")));

    private static readonly byte[][] s_valid =
    [
        """
        {"cniVersion":"1.1.0","name":"vnet","type":"vnetcni","mtu":1400,"capabilities":{"portMappings":true},"dns":{"nameservers":["10.0.0.10"],
        "domain":"d","search":["s.\u00e9"],"options":["ndots:5"]},"runtimeConfig":{"dns":{"servers":["10.0.0.11"]},"portMappings":[{"hostPort":1}]},
        "prevResult":{"cniVersion":"1.1.0","interfaces":[{"name":"e","mac":"02:00:00:00:00:01","sandbox":"s"},{"name":"h"}],
        "ips":[{"interface":0,"address":"10.0.0.1/8","gateway":"10.0.0.2"},{"interface":0,"address":"fd00::2/64"}],"routes":[{"dst":"0.0.0.0/0"}],"dns":{}}}
        """u8.ToArray(),
        """
        {"cniVersion":"0.3.1","name":"n","type":"azure-vnet","mode":"transparent","bridge":"azure0","ipam":{"type":"azure-vnet-ipam"},
        "AdditionalArgs":[{"Name":"EndpointPolicy"}],"windowsSettings":{},"vnetCidrs":"10.0.0.0/8"}
        """u8.ToArray(),
        """
        {"cniVersion":"1.0.0","name":"n","type":"ptp","ipam":{"type":"vnetcni","subnet":"10.1.0.0/24","gateway":"10.1.0.9",
        "routes":[{"dst":"10.0.0.0/8","gw":"10.1.0.3"}]},"prevResult":{"ips":[{"address":"10.1.0.4/24"}]}}
        """u8.ToArray(),
        """{"cniVersion":"1.1.0","name":"n","cni.dev/attachments":[{"containerID":"a","ifname":"e"}],"cni.dev/valid-attachments":[]}"""u8.ToArray(),
    ];

    [Fact]
    public void A_spoilt_configuration_is_refused_before_anything_is_done_or_leads_to_a_whole_result()
    {
        Assert.All(s_valid, bytes => Assert.NotNull(Read(CniCommand.Add, bytes)));
        Fuzz.Check(s_valid, Fuzz.JsonWords, bytes =>
        {
            foreach (var command in Enum.GetValues<CniCommand>())
            {
                if (command != CniCommand.Version && Read(command, bytes) is { } config)
                    Follow(command, config);
            }
        }, cases: 5_000, most: 8192);
    }

    [Fact]
    public void A_spoilt_call_is_read_or_refused_and_told()
    {
        var reader = new CniCallReader((_, _, _) => throw new NotSupportedException("no descriptors came"));
        byte[][] valid = [.. s_valid.Select(config => new WireRequest(new CniEnvironment(CniCommand.Del, "c1", "eth0", "", "/opt", "A=b;K8S_POD_NAME=p"), config).ToFrame()[4..])];
        Assert.All(valid, bytes => reader.Read(bytes, [], truncated: false, out _).Dispose());
        Fuzz.Check(valid, [.. Fuzz.JsonWords, .. Fuzz.Words("ADD", "CHECK", "GC", "STATUS", "VERSION", "1.1.0")], bytes =>
        {
            string? version = null;
            try
            {
                using var call = reader.Read(bytes, [], truncated: false, out version);
                Assert.True(call.Command is CniCommand.Del or CniCommand.Gc or CniCommand.Status);
            }
            catch (CniException e)
            {
                // Refused as the agent's loop does it.
                Assert.InRange(e.Code, CniErrorCode.IncompatibleVersion, CniErrorCode.TryAgainLater);
                var frame = WireReply.Error(version, Faults.ToCni(e)).ToFrame();
                Assert.Equal(e.Code, JsonDocument.Parse(WireReply.Parse(frame.AsMemory(WireLimits.LengthBytes)).Output).RootElement.GetProperty("code").GetInt32());
            }
        }, most: 8192);
    }

    [Theory]
    [InlineData("", "[", "")]
    [InlineData("", "{\"a\":", "")]
    [InlineData("[", "{},", "{}]")]
    [InlineData("\"", "\\ud83d\\ude00", "\"")]
    [InlineData("{\"search\":[", "\"<\",", "\"\"]}")]
    [InlineData("{\"interfaces\":[", "{\"name\":\"e\",\"sandbox\":\"s\"},", "{}]}")]
    [InlineData("{\"ips\":[", "{\"interface\":0,\"address\":\"10.0.0.1/8\"},", "{}]}")]
    [InlineData("[", "{\"containerID\":\"a\",\"ifname\":\"e\"},", "{\"containerID\":\"a\",\"ifname\":\"e\"}]")]
    public void The_largest_configuration_costs_no_more_than_in_proportion(string before, string part, string after)
    {
        foreach (var key in new[] { "prevResult", "dns", "ipam", "cni.dev/attachments", "x" })
        {
            var text = new StringBuilder("{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"").Append(key).Append("\":").Append(before);
            while (text.Length + part.Length + after.Length < WireLimits.Config)
                text.Append(part);
            var bytes = Encoding.UTF8.GetBytes(text.Append(after).Append('}').ToString());
            foreach (var command in new[] { CniCommand.Add, CniCommand.Gc })
            {
                var memory = GC.GetAllocatedBytesForCurrentThread();
                var watch = System.Diagnostics.Stopwatch.StartNew();
                if (Read(command, bytes) is { } config)
                    Follow(command, config);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - memory, 0, 64L * WireLimits.Config);
                // The loop's thread reads it. Milliseconds; wide, for a busy machine.
                Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
            }
        }
    }

    [Fact]
    public async Task An_ADD_whose_result_could_not_be_passed_on_is_undone()
    {
        // Within the limit as it comes; each sign has six bytes where it is escaped.
        var text = """{"cniVersion":"1.1.0","name":"n","prevResult":{"routes":[{"dst":"_"}]}}""".Replace("_", new string('<', 900_000), StringComparison.Ordinal);
        var config = NetworkConfigReader.Read(CniCommand.Add, Encoding.UTF8.GetBytes(text));
        var core = new UndoneAttachments(s_made with { Attachment = 7 });
        var folder = Path.Combine(Path.GetTempPath(), $"vnetcni-none-{Environment.ProcessId}");
        var runner = new CniCallRunner(core, new SpoolDrainer(new SpoolFolder(folder), "boot", core, TimeProvider.System, NullLogger.Instance), NullLogger.Instance);
        var environment = new CniEnvironment(CniCommand.Add, "c1", "eth0", "/n", "/opt", "");
        var answer = await runner.RunAsync(new CniCall(environment, config, new FakeNamespace(1), ""), CancellationToken.None);
        Assert.NotEqual(0, answer.Reply.ExitCode);
        Assert.Contains("too long", Encoding.UTF8.GetString(answer.Reply.Output.Span), StringComparison.Ordinal);
        Assert.Null(answer.Undo);
        Assert.Equal([(new Owner("n", "c1", "eth0"), 7L)], core.Undone);
    }

    private static NetworkConfig? Read(CniCommand command, byte[] bytes)
    {
        try
        {
            return NetworkConfigReader.Read(command, bytes);
        }
        catch (CniException e)
        {
            Assert.Contains(e.Code, s_codes);
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(CniErrorJson.Write(null, e)).RootElement.ValueKind);
            Assert.InRange(e.Details.Length, 0, 1024);
            return null;
        }
    }

    private static void Follow(CniCommand command, NetworkConfig config)
    {
        config.Previous?.AddressOf("e");
        if (command != CniCommand.Add)
            return;
        Assert.All(config.Unused, name => Assert.DoesNotContain(name, char.IsControl));
        try
        {
            var result = config.Ipam is { } ipam
                ? IpamResultWriter.Write(s_made with { Interface = null }, ipam, config)
                : AddResultWriter.Write(s_made, "eth0", "/run/netns/x", config);
            var ips = JsonDocument.Parse(result, new JsonDocumentOptions { MaxDepth = 128 }).RootElement.GetProperty("ips");
            Assert.Equal(config.Ipam is null ? (config.Previous?.Ips.Count ?? 0) + 1 : 1, ips.GetArrayLength());
            Assert.StartsWith("10.1.0.70/", ips[ips.GetArrayLength() - 1].GetProperty("address").GetString(), StringComparison.Ordinal);
        }
        catch (CniException e)
        {
            // The subnet that it names is not that of the address.
            Assert.NotNull(config.Ipam);
            Assert.Equal(CniErrorCode.InvalidConfig, e.Code);
        }
    }

    private sealed class UndoneAttachments(AddOutcome outcome) : IAttachments
    {
        public List<(Owner Owner, long Attachment)> Undone { get; } = [];

        public Task<AddOutcome> AddAsync(AddCommand command, CancellationToken callerGone) => Task.FromResult(outcome);

        public Task UndoAsync(Owner owner, long attachment)
        {
            Undone.Add((owner, attachment));
            return Task.CompletedTask;
        }

        public Task DeleteAsync(Owner owner, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CheckAsync(CheckCommand command, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CollectAsync(string network, IReadOnlySet<Owner> valid, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task StatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
