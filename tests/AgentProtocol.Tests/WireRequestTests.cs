using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.AgentProtocol.Wire;

namespace Vnetcni.AgentProtocol.Tests;

public sealed class WireRequestTests
{
    private static readonly byte[] s_config = """{ "cniVersion":"1.0.0", "name":"n","deep":[[{"a":"b\u00e9"}]] }"""u8.ToArray();

    [Fact]
    public void A_request_survives_the_wire_and_the_configuration_verbatim()
    {
        var text = Gen.String.Where(s => !s.Any(char.IsSurrogate));
        Gen.Select(Gen.Enum<CniCommand>(), text, text, text, text).Sample((command, id, netns, path, args) =>
        {
            var sent = new WireRequest(new CniEnvironment(command, id, "eth0", netns, path, args), s_config);
            var frame = sent.ToFrame();
            Assert.Equal(frame.Length - 4, (int)BinaryPrimitives.ReadUInt32LittleEndian(frame));
            var read = WireRequest.Parse(frame.AsMemory(4));
            Assert.Equal(sent.Environment, read.Environment);
            Assert.Equal(s_config, read.Config.ToArray());
        });
    }

    [Theory]
    [InlineData("a\"b\\c/d", "a\"b\\c/d")]
    [InlineData("\0\u0001\n\r\t\u001f\u007f", "\0\u0001\n\r\t\u001f\u007f")]
    [InlineData("é€\U0001F600", "é€\U0001F600")]
    [InlineData("\\", "\\")]
    public void Every_text_is_written_as_JSON(string text, string read)
    {
        var frame = new WireRequest(new CniEnvironment(CniCommand.Del, "c", "eth0", "/n", "/p", text), s_config).ToFrame();
        Assert.Equal(read, System.Text.Json.JsonDocument.Parse(frame.AsMemory(4)).RootElement.GetProperty("args").GetString());
        Assert.Equal(read, WireRequest.Parse(frame.AsMemory(4)).Environment.Args);
    }

    [Fact]
    public void Half_a_character_is_replaced()
    {
        // As of a cut string: JSON has no word for it.
        var text = "x" + (char)0xd83d;
        var frame = new WireRequest(new CniEnvironment(CniCommand.Del, "c", "eth0", "/n", "/p", text), s_config).ToFrame();
        Assert.Equal("x\ufffd", WireRequest.Parse(frame.AsMemory(4)).Environment.Args);
    }

    [Fact]
    public void Any_bytes_are_a_request_or_a_typed_error()
    {
        var valid = new WireRequest(new CniEnvironment(CniCommand.Add, "c", "eth0", "/n", "/p", ""), s_config).ToFrame()[4..];
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, valid.Length]).Sample((at, value, length) =>
        {
            var bytes = valid.ToArray();
            bytes[at] = value;
            try
            {
                WireRequest.Parse(bytes.AsMemory(0, length));
            }
            catch (CniException e)
            {
                Assert.Contains(e.Code, new[] { CniErrorCode.Decode, CniErrorCode.TryAgainLater });
            }
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(WireLimits.Version + 1)]
    public void Another_version_is_refused_and_named(int version)
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"v":{{{version}}},"cmd":"DEL","config":{}}""");
        var error = Assert.Throws<CniException>(() => WireRequest.Parse(body));
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        Assert.Contains($"protocol {version}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_at_the_limit_fits_and_one_above_it_does_not()
    {
        var environment = new CniEnvironment(CniCommand.Del, "c", "eth0", "", "", "");
        var largest = OfLength(WireLimits.Config);
        Assert.Equal(WireLimits.Config, largest.Length);
        Assert.Equal(WireLimits.Config, WireRequest.Parse(new WireRequest(environment, largest).ToFrame().AsMemory(4)).Config.Length);
        var above = OfLength(WireLimits.Config + 1);
        Assert.Equal(CniErrorCode.Decode, Assert.Throws<CniException>(() => WireRequest.Parse(new WireRequest(environment, above).ToFrame().AsMemory(4))).Code);
        var far = new byte[WireLimits.Request];
        Assert.Equal(CniErrorCode.Decode, Assert.Throws<CniException>(() => new WireRequest(environment, far).ToFrame()).Code);
    }

    [Fact]
    public void The_longest_variables_and_configuration_fit_a_frame()
    {
        // Six bytes a character is the worst that JSON's escapes make of a variable.
        var environment = new CniEnvironment(
            CniCommand.Add, new string('a', 255), "eth0", new string('\u0001', 4096), new string('\u0001', 32 * 1024), new string('\u0001', 32 * 1024));
        environment.Validate();
        var config = OfLength(WireLimits.Config);
        Assert.InRange(new WireRequest(environment, config).ToFrame().Length, WireLimits.Config, WireLimits.Request + 4);
    }

    [Fact]
    public void A_reply_survives_the_wire()
    {
        Gen.Select(Gen.Byte, Gen.Byte.Array[0, 300]).Sample((code, output) =>
        {
            var frame = new WireReply(code, output).ToFrame();
            Assert.Equal(frame.Length - 4, (int)BinaryPrimitives.ReadUInt32LittleEndian(frame));
            var read = WireReply.Parse(frame.AsMemory(4));
            Assert.Equal(code, read.ExitCode);
            Assert.Equal(output, read.Output.ToArray());
        });
        Assert.Equal(CniErrorCode.Io, Assert.Throws<CniException>(() => WireReply.Parse(default)).Code);
    }

    private static byte[] OfLength(int bytes) => Encoding.UTF8.GetBytes("{\"x\":\"" + new string('y', bytes - 8) + "\"}");
}
