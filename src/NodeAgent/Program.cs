using System.Runtime.InteropServices;
using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Hosting;

if (args.Any(argument => argument is "--help" or "-h"))
{
    Console.Out.Write(AgentOptionsReader.Usage);
    return 0;
}

try
{
    var options = AgentOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.MachineName.ToLowerInvariant());
    var host = new AgentHost(options);
    if (options.Task == "clean-up")
    {
        using var signal = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            signal.Cancel();
        });
        await host.CleanUpAsync(signal.Token);
        return 0;
    }

    await host.RunAsync();
    return 0;
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync($"vnetcni agent: {e.Message}");
    return 2;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("vnetcni agent: stopped before the node was cleaned up");
    return 1;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataplaneException or k8s.Exceptions.KubeConfigException)
{
    await Console.Error.WriteLineAsync($"vnetcni agent: {e.Message}");
    return 1;
}
