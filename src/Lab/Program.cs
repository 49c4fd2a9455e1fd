using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using Vnetcni.Lab.Bench;
using Vnetcni.Lab.Churn;
using Vnetcni.Lab.Cluster;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.E2e;
using Vnetcni.Lab.Soak;

var cluster = new Option<string>("--cluster") { Description = "embedded, debian, docker or kubeconfig", DefaultValueFactory = _ => "embedded" };
var keep = new Option<bool>("--keep") { Description = "leave everything running until Ctrl-C" };
var plain = new Option<bool>("--plain") { Description = "no colours, for logs" };
var nodes = new Option<int>("--nodes") { Description = "number of machines", DefaultValueFactory = _ => 3 };
var pods = new Option<int>("--pods") { Description = "number of pods at the start", DefaultValueFactory = _ => 30 };
var root = new Option<string>("--root") { Description = "root of the checkout", DefaultValueFactory = _ => Environment.CurrentDirectory };
var folder = new Option<string>("--folder") { Description = "state of the lab", DefaultValueFactory = _ => "/run/vnetcni-lab" };
var binary = new Option<string>("--cni") { Description = "the published CNI binary", Required = true };
nodes.Validators.Add(r => { if (r.GetValue(nodes) is < 2 or > 9) r.AddError("--nodes: 2 to 9"); });
pods.Validators.Add(r => { if (r.GetValue(pods) is < 4 or > 200) r.AddError("--pods: 4 to 200"); });

var demo = new Command("demo", "Operator, agents and CNI wire pods up on this machine, against the ARM simulator")
{
    cluster, keep, plain, nodes, pods, root, folder, binary,
};
demo.SetAction((result, cancellationToken) => DemoCommand.RunAsync(
    new DemoOptions(
        result.GetValue(cluster)!, result.GetValue(keep), result.GetValue(plain), result.GetValue(nodes), result.GetValue(pods),
        Path.GetFullPath(result.GetValue(root)!), Path.GetFullPath(result.GetValue(folder)!), Path.GetFullPath(result.GetValue(binary)!)),
    cancellationToken));

var minutes = new Option<double>("--minutes") { Description = "how long pods come and go", DefaultValueFactory = _ => 10 };
var seed = new Option<ulong?>("--seed") { Description = "repeats a plan of pods, kills and faults; a fresh one by default" };
var workers = new Option<int>("--workers") { Description = "workers per machine", DefaultValueFactory = _ => 4 };
minutes.Validators.Add(r => { if (r.GetValue(minutes) is < 1 or > 1440) r.AddError("--minutes: 1 to 1440"); });
workers.Validators.Add(r => { if (r.GetValue(workers) is < 1 or > 16) r.AddError("--workers: 1 to 16"); });

var soak = new Command("soak", "Random pods at full speed, kill -9 of agents and operators and faults of ARM, on this machine's kernel") { minutes, seed, workers, root, folder, binary };
soak.SetAction((result, cancellationToken) => SoakCommand.RunAsync(
    new SoakOptions(
        result.GetValue(seed) ?? (uint)RandomNumberGenerator.GetInt32(int.MaxValue), TimeSpan.FromMinutes(result.GetValue(minutes)), result.GetValue(workers),
        Path.GetFullPath(result.GetValue(root)!), Path.GetFullPath(result.GetValue(folder)!), Path.GetFullPath(result.GetValue(binary)!)),
    cancellationToken));

var runFolder = new Option<string>("--folder") { Description = "state of the run", DefaultValueFactory = _ => "/run/vnetcni-bench" };
var tools = new Option<string>("--tools") { Description = "folder of the compiled tools of bench/", Required = true };
var agentProgram = new Option<string>("--agent") { Description = "the published agent", Required = true };
var peers = new Option<string>("--peers") { Description = "folder of the containernetworking plug-ins", DefaultValueFactory = _ => "/usr/lib/cni" };
var newer = new Option<string?>("--newer-peers") { Description = "folder of another version of them, shown beside" };
var rounds = new Option<int>("--rounds") { Description = "turns of each candidate", DefaultValueFactory = _ => 6 };
var check = new Option<bool>("--check") { Description = "fail when a gate is missed" };
var smoke = new Option<bool>("--smoke") { Description = "a short look whether everything works; the figures mean nothing" };
var json = new Option<string>("--json") { Description = "where the figures go", DefaultValueFactory = _ => "artifacts/bench/bench.json" };
var page = new Option<string?>("--page") { Description = "a page whose section of results is rewritten" };
var plot = new Option<string?>("--plot") { Description = "where the plot goes" };
rounds.Validators.Add(r => { if (r.GetValue(rounds) is < 1 or > 100) r.AddError("--rounds: 1 to 100"); });

var bench = new Command("bench", "ADD, DEL, throughput and memory, in turn with other plug-ins") { runFolder, tools, binary, agentProgram, peers, newer, rounds, check, smoke, json, page, plot };
bench.SetAction((result, cancellationToken) => BenchCommand.RunAsync(
    new BenchOptions(
        Path.GetFullPath(result.GetValue(runFolder)!), Path.GetFullPath(result.GetValue(tools)!), Path.GetFullPath(result.GetValue(binary)!),
        Path.GetFullPath(result.GetValue(agentProgram)!), Path.GetFullPath(result.GetValue(peers)!), result.GetValue(newer), result.GetValue(rounds),
        result.GetValue(check), result.GetValue(smoke), Path.GetFullPath(result.GetValue(json)!), result.GetValue(page), result.GetValue(plot)),
    cancellationToken));

var churnFolder = new Option<string>("--folder") { Description = "state of the run", DefaultValueFactory = _ => "/run/vnetcni-churn" };
var count = new Option<int>("--count") { Description = "pods in all, each an ADD and a DEL", DefaultValueFactory = _ => int.MaxValue };
var churnWorkers = new Option<int>("--workers") { Description = "calls at a time", DefaultValueFactory = _ => 8 };
count.Validators.Add(r => { if (r.GetValue(count) < 1) r.AddError("--count: at least 1"); });
churnWorkers.Validators.Add(r => { if (r.GetValue(churnWorkers) is < 7 or > 40) r.AddError("--workers: 7 to 40, so that there are more sandboxes than addresses"); });

var churn = new Command("churn", "ADD and DEL at full speed on one node, with kill -9 of the agent: no leak, no double, flat memory") { count, minutes, seed, churnWorkers, churnFolder, agentProgram };
churn.SetAction((result, cancellationToken) => ChurnCommand.RunAsync(
    new ChurnOptions(
        result.GetValue(seed) ?? (uint)RandomNumberGenerator.GetInt32(int.MaxValue), result.GetValue(count), TimeSpan.FromMinutes(result.GetValue(minutes)),
        result.GetValue(churnWorkers), Path.GetFullPath(result.GetValue(churnFolder)!), Path.GetFullPath(result.GetValue(agentProgram)!)),
    cancellationToken));

var state = new Option<string>("--folder") { Description = "where the kubeconfig goes", DefaultValueFactory = _ => "artifacts/api-server" };
var address = new Option<string>("--address") { Description = "IP address to listen on", DefaultValueFactory = _ => "127.0.0.1" };
var port = new Option<int>("--port") { Description = "port to listen on; 0 takes a free one" };
var name = new Option<string[]>("--name") { Description = "another name or address for the certificate", DefaultValueFactory = _ => [] };
address.Validators.Add(r => { if (!IPAddress.TryParse(r.GetValue(address), out _)) r.AddError("--address: an IP address"); });
port.Validators.Add(r => { if (r.GetValue(port) is < 0 or > 65535) r.AddError("--port: 0 to 65535"); });

var apiServer = new Command("api-server", "The embedded Kubernetes API server alone, for kubectl") { state, address, port, name };
apiServer.SetAction((result, cancellationToken) => ApiServerCommand.RunAsync(
    Path.GetFullPath(result.GetValue(state)!), IPAddress.Parse(result.GetValue(address)!), result.GetValue(port), result.GetValue(name)!, cancellationToken));

var programs = new Option<string>("--programs") { Description = "folder with kubelet, kube-proxy, kube-controller-manager and kube-scheduler", Required = true };
var helm = new Option<string>("--helm") { Description = "the helm to install with", Required = true };
var images = new Option<string[]>("--image") { Description = "an image archive that every node loads", DefaultValueFactory = _ => [] };
var only = new Option<string[]>("--only") { Description = "a part to play besides the installation (default: all)", DefaultValueFactory = _ => [] };
only.AcceptOnlyFromAmong(E2eScenario.Parts);

var e2e = new Command("e2e", "The charts on a real cluster with real kubelets: eng/e2e.sh starts it") { programs, helm, images, only, keep, plain, root, folder };
e2e.SetAction((result, cancellationToken) => E2eCommand.RunAsync(
    new E2eOptions(
        Path.GetFullPath(result.GetValue(root)!), Path.GetFullPath(result.GetValue(folder)!), Path.GetFullPath(result.GetValue(programs)!), result.GetValue(helm)!,
        [.. result.GetValue(images)!.Select(Path.GetFullPath)], result.GetValue(only)!, result.GetValue(keep), result.GetValue(plain)),
    cancellationToken));

// On SIGINT or SIGTERM the lab tidies its namespaces and processes up; that takes seconds.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) };
return await new RootCommand("The vnetcni lab") { demo, soak, e2e, bench, churn, apiServer }.Parse(args).InvokeAsync(configuration);
