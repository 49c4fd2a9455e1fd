using System.Runtime.InteropServices;
using Vnetcni.ArmSimulator.Http;
using Vnetcni.ArmSimulator.Seeding;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.Write(CommandLine.Help);
    return 0;
}

try
{
    var options = CommandLine.Parse(args);
    if (options.ReplayFile is not null)
        return Replay.Run(options.ReplayFile, Console.Out);
    var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    await using var host = await SimulatorHost.StartAsync(options, CancellationToken.None);
    Console.Write(Greeting.Text(host, options));
    await ended.Task;

    var violations = host.Arm.Violations;
    foreach (var violation in violations)
        Console.Error.WriteLine($"invariant {violation.Invariant} broken on {violation.Resource}: {violation.Message}");
    return violations.Count == 0 ? 0 : 1;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        ended.TrySetResult();
    }
}
catch (Exception e) when (e is UsageException or ScenarioException or FormatException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"armsim: {e.Message}");
    return 2;
}
