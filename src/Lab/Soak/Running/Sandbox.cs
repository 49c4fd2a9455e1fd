using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Soak.Plan;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>A pod's life on a machine, as kubelet and a runtime lead it: object, namespace, ADD, …, DEL, and away.</summary>
internal sealed class Sandbox(SoakContext soak, CniCaller cni, LabNode node, PodPlan plan)
{
    private const int InterfaceExists = 101;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AddPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan DeletePatience = TimeSpan.FromSeconds(60);
    private static int _made;

    private readonly string _pod = string.Create(CultureInfo.InvariantCulture, $"{node.Name}-{Interlocked.Increment(ref _made)}");
    private string _container = string.Empty;
    private NetworkNamespace _space = new(string.Empty);
    private JsonObject? _result;

    /// <summary>Its address once it is started.</summary>
    public string? Address { get; private set; }

    /// <summary>Its namespace.</summary>
    public NetworkNamespace Space => _space;

    /// <summary>For messages.</summary>
    public override string ToString() => $"{_pod} ({_container}) {Address}";

    /// <summary>Pod object, then sandboxes until an ADD succeeds. False when the soak ended meanwhile; then nothing is left.</summary>
    public async Task<bool> StartAsync(CancellationToken stop)
    {
        await soak.Pods.CreateAsync(_pod, node.Name, CancellationToken.None);
        var start = soak.Now;
        var kill = plan.KillClientAfter;
        while (!stop.IsCancellationRequested)
        {
            await MakeSandboxAsync();
            var answer = await cni.CallAsync("ADD", node, _pod, _container, _space.Path, killAfter: kill);
            if (answer.Done)
            {
                Accept(answer);
                await CheckArmAsync();
                return true;
            }

            if (answer.Killed)
                soak.Calls.Note("clients of an ADD killed");
            else
                Failed("ADD", answer);
            // As kubelet: a sandbox whose ADD failed is torn down before the next one.
            kill = null;
            await DeleteSandboxAsync();
            if (soak.Now - start > AddPatience)
            {
                soak.Report(new SoakViolation("an ADD succeeds in the end", $"{_pod} on {node.Name} got no address within {AddPatience.TotalSeconds:0} s, the last answer: {answer.Message}"));
                break;
            }

            if (!answer.Killed)
                await Task.Delay(RetryPause, TimeProvider.System, CancellationToken.None);
        }

        await soak.Pods.RemoveAsync(_pod, CancellationToken.None);
        return false;
    }

    /// <summary>What the plan has for a pod's life.</summary>
    public async Task LiveAsync(IReadOnlyList<Sandbox> residents, CancellationToken stop)
    {
        if (plan.AddAgain && !stop.IsCancellationRequested)
            await AddAgainAsync();
        if (plan.Ping && !stop.IsCancellationRequested)
            await PingAsync(residents);
        if (plan.StrangerDelete && !stop.IsCancellationRequested)
            await DeleteOthersAsync();
        if ((plan.Check || plan.AddAgain || plan.StrangerDelete) && !stop.IsCancellationRequested)
            await CheckAsync();
    }

    /// <summary>Pings other pods; who is silent breaks a promise.</summary>
    public async Task PingAsync(IReadOnlyList<Sandbox> others)
    {
        var targets = others.Where(other => other != this).Select(other => System.Net.IPAddress.Parse(other.Address!)).ToArray();
        // The lab's wires follow ARM with a delay: ten rounds are four seconds.
        var silent = await Pinger.PingAllAsync(_space, targets, rounds: 10);
        soak.Calls.Note("pings between pods", targets.Length);
        if (silent.Count > 0)
        {
            soak.Report(new SoakViolation(
                "a pod reaches other pods",
                $"{this} on {node.Name} does not reach {string.Join(", ", silent)}\n{soak.Truth.HistoryOf(Address!)}\n{soak.Truth.HistoryOf(silent[0].ToString())}"));
        }
    }

    /// <summary>CNI CHECK.</summary>
    public async Task CheckAsync()
    {
        var answer = await cni.CallAsync("CHECK", node, _pod, _container, _space.Path, previous: _result);
        if (answer.Done)
            soak.Calls.Succeeded("CHECK", answer.Took);
        else
            Failed("CHECK", answer);
    }

    /// <summary>Object, DEL, namespace and object once more. Always to the end.</summary>
    public async Task StopAsync()
    {
        await soak.Pods.LeaveAsync(_pod, CancellationToken.None);
        var address = Address!;
        soak.Truth.Deleting(soak.Now, address, _container);
        if (plan.Delete == DeleteStyle.NamespaceFirst)
            SandboxNamespace.Delete(_space.Path);
        // Of two, the first that succeeded is when the address came to rest.
        var ended = plan.Delete == DeleteStyle.TwiceAtOnce ? (await Task.WhenAll(DeleteAsync(), DeleteAsync())).Min() : await DeleteAsync();
        soak.Truth.Deleted(ended ?? soak.Now, address, _container);
        if (plan.Delete == DeleteStyle.Twice)
            await DeleteAsync();
        SandboxNamespace.Delete(_space.Path);
        await soak.Pods.RemoveAsync(_pod, CancellationToken.None);
    }

    private async Task MakeSandboxAsync()
    {
        var number = Interlocked.Increment(ref _made);
        _container = CniCaller.ContainerId(number);
        _space = new NetworkNamespace(string.Create(CultureInfo.InvariantCulture, $"{DemoLab.Prefix}p-{number}"));
        await SandboxNamespace.CreateAsync(_space.Path);
    }

    private void Accept(CniAnswer answer)
    {
        soak.Calls.Succeeded("ADD", answer.Took);
        _result = JsonNode.Parse(answer.Output)!.AsObject();
        Address = _result["ips"]![0]!["address"]!.GetValue<string>().Split('/')[0];
        soak.Report(soak.Truth.Added(soak.Now, Address, node.Name, _container));
    }

    // The mirror may lag behind ARM: then ARM is asked.
    private async Task CheckArmAsync()
    {
        if (soak.Arm.Of(Address!, node.Settings.Mac) == ArmStanding.Confirmed)
            return;
        await ArmFollower.ReadAsync(soak, 0, CancellationToken.None);
        var standing = soak.Arm.Of(Address!, node.Settings.Mac);
        if (standing != ArmStanding.Confirmed)
        {
            soak.Report(new SoakViolation(
                "no address is given out before ARM has confirmed it on the machine's NIC",
                $"{this} on {node.Name}: ARM says {standing} at version {soak.Arm.Version}\n{soak.Truth.HistoryOf(Address!)}"));
        }
    }

    private async Task AddAgainAsync()
    {
        var answer = await cni.CallAsync("ADD", node, _pod, _container, _space.Path);
        soak.Calls.Note("second ADDs of an owner");
        if (answer.Done || (answer.Code != InterfaceExists && !answer.Retryable))
            soak.Report(new SoakViolation("a second ADD of an owner is refused", $"{this} on {node.Name}: {answer.Output}"));
    }

    private async Task DeleteOthersAsync()
    {
        soak.Calls.Note("DELs of an unknown owner", 2);
        await DeleteAsync(CniCaller.ContainerId(Interlocked.Increment(ref _made)), "eth0", null);
        await DeleteAsync(_container, "eth9", null);
    }

    private async Task DeleteSandboxAsync()
    {
        await DeleteAsync();
        SandboxNamespace.Delete(_space.Path);
    }

    private Task<TimeSpan?> DeleteAsync() => DeleteAsync(_container, "eth0", _result);

    // A runtime repeats a DEL until it succeeds. When that one's process ended; null when none did.
    private async Task<TimeSpan?> DeleteAsync(string container, string ifname, JsonObject? previous)
    {
        var start = soak.Now;
        while (true)
        {
            var answer = await cni.CallAsync("DEL", node, _pod, container, _space.Path, ifname, previous);
            if (answer.Done)
            {
                soak.Calls.Succeeded("DEL", answer.Took);
                return soak.At(answer.Ended);
            }

            Failed("DEL", answer);
            if (soak.Now - start > DeletePatience)
            {
                soak.Report(new SoakViolation("a DEL succeeds in the end", $"{this} on {node.Name}: {answer.Message}"));
                return null;
            }

            await Task.Delay(RetryPause, TimeProvider.System, CancellationToken.None);
        }
    }

    private void Failed(string verb, CniAnswer answer)
    {
        soak.Calls.Failed(verb, answer.Code, answer.Retryable, answer.Message);
        if (answer.Retryable)
            return;
        var history = Address is null ? string.Empty : "\n" + soak.Truth.HistoryOf(Address);
        soak.Report(new SoakViolation(
            $"{verb} fails only with an error that says to come again", $"{this} on {node.Name}: code {answer.Code}, {answer.Message}{history}"));
    }
}
