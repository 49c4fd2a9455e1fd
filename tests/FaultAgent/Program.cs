using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane.Linux;
using Vnetcni.FaultAgent;
using Vnetcni.Ipam.Ledger.Leaks;
using Vnetcni.NodeAgent;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.CniServer;

// The agent's own classes with a fuse between them and the outside world. Arguments: socket, pool file, half step to die at (-1 = never).
// Commands on stdin, one answer each on stdout: arm N, steps, the same for single netlink sends (arm-send N, sends), records.
var paths = new AgentPaths(args[0]);
var fuse = new Fuse(int.Parse(args[2], CultureInfo.InvariantCulture));
var sends = new Fuse(-1);
using var network = new LinuxNodeNetwork(new LinuxNodeNetworkOptions { BeforeSend = _ => sends.Half() });
Directory.CreateDirectory(paths.Folder);
using var file = new FileLedgerStore(Path.Combine(paths.Folder, "ledger"), BootId.Read());
// A minute between two looks is long for a test: with a fourth argument, milliseconds, it is that and the grace period twice that.
var settings = new AgentSettings { NodeName = "node-1", BootId = BootId.Read() };
if (args.Length > 3)
{
    var interval = TimeSpan.FromMilliseconds(int.Parse(args[3], CultureInfo.InvariantCulture));
    settings = settings with { LeakInterval = interval, Leaks = new LeakPolicy { Grace = 2 * interval } };
}

using var agent = Agent.ForFile(
    settings, args[1], new FusedNetwork(network, fuse), new FusedStore(file, fuse), TimeProvider.System, NullLoggerFactory.Instance);
using var stop = new CancellationTokenSource();
var run = agent.RunAsync(stop.Token);
await agent.Started;
await using (var server = new AgentSocketServer(
    new AgentSocketServerOptions { Paths = paths }, agent.Attachments, TimeProvider.System, NullLogger<AgentSocketServer>.Instance))
{
    await server.StartAsync();
    while (agent.NotServing is not null)
        await Task.Delay(5);
    Console.WriteLine("ready");
    while (Console.ReadLine() is { } line)
        Console.WriteLine(Answer(line.Split(' ')));
}

await stop.CancelAsync();
await run;
return;

string Answer(string[] command)
{
    switch (command)
    {
        case ["arm", var steps]:
            fuse.Arm(int.Parse(steps, CultureInfo.InvariantCulture));
            return "armed";
        case ["arm-send", var count]:
            sends.Arm(int.Parse(count, CultureInfo.InvariantCulture));
            return "armed";
        case ["sends"]:
            return sends.Steps.ToString(CultureInfo.InvariantCulture);
        case ["steps"]:
            return fuse.Steps.ToString(CultureInfo.InvariantCulture);
        case ["records"]:
            return string.Join(' ', agent.Records.Select(record => $"{record.Address}={record.State}"));
        default:
            return $"'{string.Join(' ', command)}' is no command";
    }
}
