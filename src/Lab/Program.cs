using System.CommandLine;
using Vnetcni.Lab.Demo;

var cluster = new Option<string>("--cluster") { Description = "debian, docker or kubeconfig", DefaultValueFactory = _ => "debian" };
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

return await new RootCommand("The vnetcni lab") { demo }.Parse(args).InvokeAsync();
