using System.Text.Json.Nodes;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Charts.Tests.Support;

/// <summary>
/// A kube-apiserver behind which a current apiextensions-apiserver serves our resources: CEL rules and admission policies count. Only
/// when it was built before (eng/kube/extensions-build.sh): building takes longer than these tests may.
/// </summary>
public sealed class ExtensionsServer : IDisposable
{
    private readonly string state = Path.Combine(Path.GetTempPath(), "vnetcni-cel-" + Guid.NewGuid().ToString("N")[..8]);
    private readonly Lazy<(string Namespace, string Kubeconfig)?> server;
    private bool prepared;

    public ExtensionsServer() => server = new(Start);

    /// <summary>Runs kubectl there, as the administrator or with a kubeconfig that <see cref="As"/> made.</summary>
    public (int Code, string Output, string Error) Kubectl(string? kubeconfig, params string[] arguments)
    {
        var (netns, admin) = Running;
        return Repository.Run("nsenter", kubeconfig ?? admin, [$"--net=/run/netns/{netns}", KubectlProgram(), .. arguments]);
    }

    /// <summary>Runs kubectl as the administrator; it must succeed.</summary>
    public string Admin(params string[] arguments)
    {
        var (code, output, error) = Kubectl(null, arguments);
        Assert.True(code == 0, output + error);
        return output;
    }

    /// <summary>Prepares the server for the tests of a class, the first time only.</summary>
    public void Once(Action prepare)
    {
        if (prepared)
            return;
        prepare();
        prepared = true;
    }

    /// <summary>A file with this content, for kubectl to read.</summary>
    public string File(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    /// <summary>A kubeconfig of the administrator who acts for another user.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="node">The node that the user's token is bound to, or null.</param>
    public string As(string user, string? node = null)
    {
        var extra = node is null ? string.Empty : $"\n    as-user-extra:\n      authentication.kubernetes.io/node-name: [{node}]";
        var admin = System.IO.File.ReadAllText(Running.Kubeconfig);
        Assert.Contains("\n  user:\n", admin, StringComparison.Ordinal);
        return File($"as-{Guid.NewGuid():N}", admin.Replace("\n  user:\n", $"\n  user:\n    as: {user}{extra}\n", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        // Also when the start failed half-way: then the value is not created, but the folder is there.
        if (Directory.Exists(state))
            Repository.Run(Repository.PathOf("eng/kube/extensions-down.sh"), state);
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }

    private string Folder => Directory.CreateDirectory(state + "-files").FullName;

    private (string Namespace, string Kubeconfig) Running
    {
        get
        {
            if (server.Value is { } running)
                return running;
            Assert.Skip("no apiextensions-apiserver is built here: eng/kube/extensions-build.sh makes it, in 3 to 11 minutes");
            return default;
        }
    }

    private (string, string)? Start()
    {
        if (!ApiServer.IsBuilt("apiextensions-apiserver") || !Environment.IsPrivilegedProcess)
            return null;
        var (code, output, error) = Repository.Run(Repository.PathOf("eng/kube/extensions-up.sh"), state, "vnetcni.dev/v1alpha1");
        Assert.True(code == 0, error);
        var lines = output.TrimEnd().Split('\n');
        var running = (lines[^2], lines[^1]);
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. RepositoryCrds.All.Select(c => c.DeepClone())]) };
        Succeed("apply", "--validate=false", "-f", File("crds.json", list.ToJsonString()));
        OurKinds.UntilServed(Run);
        return running;

        (int Code, string Output, string Error) Run(params string[] arguments) =>
            Repository.Run("nsenter", running.Item2, [$"--net=/run/netns/{running.Item1}", KubectlProgram(), .. arguments]);

        void Succeed(params string[] arguments)
        {
            var (failed, said, why) = Run(arguments);
            Assert.True(failed == 0, said + why);
        }
    }

    private static string KubectlProgram()
    {
        var (code, output, error) = Repository.Run(Repository.PathOf("eng/kube/kubectl.sh"));
        Assert.True(code == 0, error);
        return output.Trim();
    }
}
