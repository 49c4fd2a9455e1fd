using System.Diagnostics;
using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests;

public sealed class StartTests(PublishedBinary binary)
{
    [Fact]
    public async Task The_binary_does_not_read_mountinfo()
    {
        if (!File.Exists("/usr/bin/strace"))
            Assert.Skip("strace is not installed");
        var trace = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/usr/bin/strace", ["-f", "-e", "trace=%file", "-o", trace, binary.Path])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["CNI_COMMAND"] = "VERSION";
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var run = await PluginRun.FinishAsync(process);
            if (run.ExitCode != 0)
                Assert.Skip($"strace can't trace here: {run.Errors}");
            var calls = await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken);
            Assert.Contains("execve", calls, StringComparison.Ordinal);
            Assert.DoesNotContain("mountinfo", calls, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Fact]
    public void The_binary_is_small_and_needs_no_library()
    {
        Assert.InRange(new FileInfo(binary.Path).Length, 1, 3_000_000);
        // An interpreter in the program header would name ld.so.
        Assert.DoesNotContain("ld-linux", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(binary.Path)[..4096]), StringComparison.Ordinal);
    }
}
