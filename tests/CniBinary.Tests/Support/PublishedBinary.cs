using System.Diagnostics;
using Vnetcni.CniBinary.Tests.Support;

[assembly: AssemblyFixture(typeof(PublishedBinary))]

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>The NativeAOT binary: VNETCNI_BINARY where given, else published once when its sources are newer.</summary>
public sealed class PublishedBinary
{
    public PublishedBinary() => Path = Find();

    public string Path { get; }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("VNETCNI_BINARY") is { Length: > 0 } given)
            return given;
        var script = System.IO.Path.Combine(Root(), "eng", "publish-cni.sh");
        var start = new ProcessStartInfo("bash", [script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        // The variables that MSBuild sets for this process would change what the publish does.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var path = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{script} failed with {process.ExitCode}: {errors.Result}");
        if (errors.Result.Contains("warning", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"the publish warned: {errors.Result}");
        return path;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "Operator.sln")))
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Operator.sln is above none of the folders");
        return folder;
    }
}
