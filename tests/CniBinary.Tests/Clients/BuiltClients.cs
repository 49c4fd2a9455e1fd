using System.Diagnostics;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>Clients that scripts in eng make of Debian's packages, once and kept. The test that asks for one is skipped where it can't be had.</summary>
internal static class BuiltClients
{
    private static readonly Lazy<Made> s_libcni = new(() => Make("libcni-client-build.sh"));
    private static readonly Lazy<Made> s_current = new(() => Make("cni-clients-build.sh"));

    /// <summary>The client of Debian 12's libcni.</summary>
    public static string Libcni => PathOf(s_libcni.Value);

    /// <summary>The client of Debian unstable's libcni.</summary>
    public static string CurrentLibcni => Path.Combine(PathOf(s_current.Value), "libcni-client");

    /// <summary>Debian unstable's programs, to be laid over a machine's own.</summary>
    public static string CurrentRoot => Path.Combine(PathOf(s_current.Value), "root");

    private static string PathOf(Made made)
    {
        if (made.ExitCode == 3)
            Assert.Skip($"the client can't be had here: {made.Errors.Trim().Split('\n')[^1]}");
        Assert.True(made.ExitCode == 0, made.Errors);
        return made.Path;
    }

    private static Made Make(string script)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Root(), "eng", script)]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var path = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return new Made(process.ExitCode, path.Split('\n')[^1], errors.Result);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Operator.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Operator.sln is above none of the folders");
        return folder;
    }

    private sealed record Made(int ExitCode, string Path, string Errors);
}
