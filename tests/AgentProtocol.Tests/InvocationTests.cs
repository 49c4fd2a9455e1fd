using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Vnetcni.AgentProtocol.Invocation;

namespace Vnetcni.AgentProtocol.Tests;

public sealed class InvocationTests
{
    [Fact]
    public void Identifiers_are_those_of_the_specification()
    {
        var pattern = new Regex("^[A-Za-z0-9][A-Za-z0-9_.-]*\\z", RegexOptions.None, TimeSpan.FromSeconds(1));
        Gen.String[Gen.Char["aZ0_.-/ \né"], 0, 6].Sample(
            text => Assert.Equal(pattern.IsMatch(text), NameRules.IsIdentifier(text)));
        Assert.True(NameRules.IsIdentifier(new string('a', 255)));
        Assert.False(NameRules.IsIdentifier(new string('a', 256)));
    }

    [Theory]
    [InlineData("eth0", true)]
    [InlineData("fifteen-bytes-a", true)]
    [InlineData("sixteen-bytes-ab", false)]
    [InlineData("ééééééé", true)]
    [InlineData("éééééééé", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("...", true)]
    [InlineData("a/b", false)]
    [InlineData("a:b", false)]
    [InlineData("a b", false)]
    [InlineData("a\tb", false)]
    public void Interface_names_are_those_that_the_kernel_takes(string name, bool valid) =>
        Assert.Equal(valid, NameRules.InterfaceFault(name) is null);

    [Fact]
    public void STATUS_and_VERSION_need_no_container_and_look_at_none()
    {
        foreach (var command in new[] { "STATUS", "VERSION" })
        {
            var environment = CniEnvironment.Read(name => name switch { "CNI_COMMAND" => command, "CNI_IFNAME" => "a/b", _ => null });
            Assert.Equal(command, environment.Command.Name());
        }
    }

    [Fact]
    public void Every_verb_has_one_spelling()
    {
        foreach (var command in Enum.GetValues<CniCommand>())
            Assert.Equal(command, CniCommandNames.Parse(command.Name()));
        Assert.Null(CniCommandNames.Parse("add"));
    }

    [Fact]
    public void The_head_is_read_wherever_it_stands_and_the_last_of_two_counts()
    {
        var head = NetworkConfigHead.Parse("""{"x":{"name":"inner"},"name":"a","cniVersion":"0.4.0","socket":"/s","name":"b"}"""u8);
        Assert.Equal(new NetworkConfigHead("0.4.0", "b", "/s"), head);
    }

    [Fact]
    public void Any_stdin_is_a_head_or_a_decode_error()
    {
        var valid = """{"cniVersion":"1.0.0","name":"n","x":[1,{"y":null}]}"""u8.ToArray();
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, valid.Length]).Sample((at, value, length) =>
        {
            var bytes = valid.ToArray();
            bytes[at] = value;
            try
            {
                NetworkConfigHead.Parse(bytes.AsSpan(0, length));
            }
            catch (CniException e)
            {
                Assert.Equal(CniErrorCode.Decode, e.Code);
            }
        });
    }

    [Theory]
    [InlineData("x/y")]
    [InlineData("")]
    [InlineData("-x")]
    public void A_network_name_that_would_be_a_path_is_invalid(string name)
    {
        var head = new NetworkConfigHead("1.0.0", name, null);
        Assert.Equal(CniErrorCode.InvalidConfig, Assert.Throws<CniException>(() => head.Validate(CniCommand.Del)).Code);
    }

    [Fact]
    public void The_socket_comes_from_the_variable_then_the_configuration_then_the_default()
    {
        Assert.Equal("/a/s", AgentPaths.Resolve("/a/s", "/b/s").Socket);
        Assert.Equal("/b/s", AgentPaths.Resolve("", "/b/s").Socket);
        Assert.Equal(AgentPaths.DefaultSocket, AgentPaths.Resolve(null, "").Socket);
        Assert.Equal("/run/vnetcni/spool", AgentPaths.Resolve(null, null).Spool);
        foreach (var wrong in new[] { "relative", "/folder/", "/" + new string('x', 107) })
            Assert.Equal(CniErrorCode.InvalidConfig, Assert.Throws<CniException>(() => new AgentPaths(wrong)).Code);
        Assert.Equal(107, new AgentPaths("/" + new string('x', 106)).Socket.Length);
    }

    [Fact]
    public void An_error_is_CNIs_JSON_in_a_version_that_is_spoken()
    {
        var json = JsonDocument.Parse(CniErrorJson.Write("0.4.0", new CniException(7, "a \"quoted\"\ncause", "next"))).RootElement;
        Assert.Equal("0.4.0", json.GetProperty("cniVersion").GetString());
        Assert.Equal(7, json.GetProperty("code").GetInt32());
        Assert.Equal("a \"quoted\"\ncause", json.GetProperty("msg").GetString());
        Assert.Equal("next", json.GetProperty("details").GetString());
        foreach (var unknown in new[] { null, "9.0.0" })
            Assert.Contains("\"cniVersion\":\"1.1.0\"", Encoding.UTF8.GetString(CniErrorJson.Write(unknown, new CniException(1, "x"))), StringComparison.Ordinal);
    }
}
