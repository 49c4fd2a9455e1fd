using System.Diagnostics;

namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>Runs a script of this repository.</summary>
internal static class Script
{
    /// <summary>The root of the repository, found upwards from the tests' binaries.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Runs to the end. Throws with the end of its messages when it fails or takes too long.</summary>
    public static async Task RunAsync(string script, string[] arguments, TimeSpan limit, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository, script), arguments)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Repository,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        // The build runs under the SDK's own variables otherwise.
        start.Environment.Remove("MSBUILD_EXE_PATH");
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{script} does not start");
        var messages = new List<string>();
        process.ErrorDataReceived += (_, e) => Keep(messages, e.Data);
        process.OutputDataReceived += (_, e) => Keep(messages, e.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        using var life = new CancellationTokenSource(limit);
        try
        {
            // Not WaitForExit: the servers that the script leaves running keep its pipes open.
            while (!process.HasExited)
                await Task.Delay(50, life.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{script} took longer than {limit}: {Tail(messages)}", e);
        }

        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with {process.ExitCode}: {Tail(messages)}");
    }

    private static void Keep(List<string> messages, string? line)
    {
        if (line is null)
            return;
        lock (messages)
            messages.Add(line);
    }

    private static string Tail(List<string> messages)
    {
        lock (messages)
            return string.Join(" | ", messages.TakeLast(8));
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Operator.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no Operator.sln above {AppContext.BaseDirectory}");
    }
}
