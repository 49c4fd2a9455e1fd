namespace Vnetcni.ApiServer.Tests.Kubectl;

public class KubectlWriteTests(KubectlFixture kubectl)
{
    [Fact]
    public async Task Apply_creates_then_changes_only_what_its_manifest_says()
    {
        Assert.Contains("created", await kubectl.ApplyAsync(Samples.Class("applied", "{minFree: 4, batchSize: 8}")), StringComparison.Ordinal);
        Assert.Contains("unchanged", await kubectl.ApplyAsync(Samples.Class("applied", "{minFree: 4, batchSize: 8}")), StringComparison.Ordinal);
        await kubectl.RunAsync("patch", "nipc", "applied", "--type=merge", "-p", """{"spec":{"priority":7}}""");
        Assert.Contains("configured", await kubectl.ApplyAsync(Samples.Class("applied", "minFree: 6")), StringComparison.Ordinal);
        // batchSize left the manifest: back to the default; priority was never in it.
        Assert.Equal("6 16 7", await kubectl.RunAsync("get", "nipc", "applied", "-o", "jsonpath={.spec.pool.minFree} {.spec.pool.batchSize} {.spec.priority}"));
    }

    [Fact]
    public async Task A_misspelt_field_is_refused_by_name_without_validation_on_the_client()
    {
        var result = await kubectl.TryAsync(Samples.Class("typo", "minFre: 4"), "apply", "-f", "-");
        Assert.Equal(1, result.Code);
        Assert.Contains("unknown field \"spec.pool.minFre\"", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_out_of_range_is_refused_by_path()
    {
        var result = await kubectl.TryAsync(Samples.Class("range", "minFree: 999"), "apply", "-f", "-");
        Assert.Contains("spec.pool.minFree", result.Error, StringComparison.Ordinal);
        Assert.Contains("is invalid", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Built_in_kinds_are_applied_again_with_strategic_merge_patches()
    {
        await kubectl.ApplyAsync(Samples.Node("strategic"));
        var changed = Samples.Node("strategic").Replace("spec:", "spec:\n  unschedulable: true", StringComparison.Ordinal);
        Assert.Contains("configured", await kubectl.ApplyAsync(changed), StringComparison.Ordinal);
        await kubectl.RunAsync("taint", "node", "strategic", "a=b:NoSchedule");
        await kubectl.RunAsync("uncordon", "strategic");
        Assert.Equal("a", await kubectl.RunAsync("get", "node", "strategic", "-o", "jsonpath={.spec.taints[*].key}"));
    }

    [Fact]
    public async Task Server_side_apply_owns_fields_and_names_conflicts()
    {
        await kubectl.ApplyAsync(Samples.Class("ssa", "minFree: 4"), "--server-side", "--field-manager=one");
        var conflict = await kubectl.TryAsync(Samples.Class("ssa", "minFree: 5"), "apply", "-f", "-", "--server-side", "--field-manager=two");
        Assert.Equal(1, conflict.Code);
        Assert.Contains("conflict with \"one\"", conflict.Error, StringComparison.Ordinal);
        Assert.Contains(".spec.pool.minFree", conflict.Error, StringComparison.Ordinal);
        await kubectl.ApplyAsync(Samples.Class("ssa", "minFree: 5"), "--server-side", "--field-manager=two", "--force-conflicts");
        Assert.Equal("5", await kubectl.RunAsync("get", "nipc", "ssa", "-o", "jsonpath={.spec.pool.minFree}"));
    }

    [Fact]
    public async Task Edit_writes_what_the_editor_left()
    {
        await kubectl.ApplyAsync(Samples.Class("edited", "minFree: 4"));
        Assert.Contains("edited", await kubectl.RunAsync("edit", "nipc", "edited"), StringComparison.Ordinal);
        Assert.Equal("5", await kubectl.RunAsync("get", "nipc", "edited", "-o", "jsonpath={.spec.pool.minFree}"));
    }

    [Fact]
    public async Task Patch_label_annotate_and_replace_work()
    {
        await kubectl.ApplyAsync(Samples.Class("patched", "minFree: 4"));
        await kubectl.RunAsync("label", "nipc", "patched", "team=net");
        await kubectl.RunAsync("annotate", "nipc", "patched", "note=here");
        await kubectl.RunAsync("patch", "nipc", "patched", "--type=json", "-p", """[{"op":"replace","path":"/spec/pool/minFree","value":7}]""");
        var yaml = await kubectl.RunAsync("get", "nipc", "patched", "-o", "yaml");
        Assert.Contains("team: net", yaml, StringComparison.Ordinal);
        Assert.Contains("note: here", yaml, StringComparison.Ordinal);
        var replaced = await kubectl.TryAsync(yaml.Replace("minFree: 7", "minFree: 8", StringComparison.Ordinal), "replace", "-f", "-");
        Assert.True(replaced.Code == 0, replaced.Error);
        var stale = await kubectl.TryAsync(yaml, "replace", "-f", "-");
        Assert.Contains("the object has been modified", stale.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_on_the_server_and_diff_change_nothing()
    {
        await kubectl.ApplyAsync(Samples.Class("dry", "minFree: 4"));
        Assert.Contains("server dry run", await kubectl.ApplyAsync(Samples.Class("dry", "minFree: 6"), "--dry-run=server"), StringComparison.Ordinal);
        var diff = await kubectl.TryAsync(Samples.Class("dry", "minFree: 6"), "diff", "-f", "-");
        Assert.Equal(1, diff.Code);
        Assert.Contains("+    minFree: 6", diff.Output, StringComparison.Ordinal);
        Assert.Equal("4", await kubectl.RunAsync("get", "nipc", "dry", "-o", "jsonpath={.spec.pool.minFree}"));
    }

    [Fact]
    public async Task Delete_waits_until_the_finalizers_are_gone()
    {
        await kubectl.ApplyAsync(Samples.Class("held", "minFree: 4"));
        await kubectl.RunAsync("patch", "nipc", "held", "--type=merge", "-p", """{"metadata":{"finalizers":["tests.example/hold"]}}""");
        var deleting = kubectl.RunAsync("delete", "nipc", "held");
        await kubectl.RunAsync("wait", "--for=jsonpath={.metadata.deletionTimestamp}", "nipc/held", "--timeout=20s");
        Assert.False(deleting.IsCompleted);
        await kubectl.RunAsync("patch", "nipc", "held", "--type=merge", "-p", """{"metadata":{"finalizers":null}}""");
        Assert.Contains("deleted", await deleting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_a_namespace_takes_what_is_in_it()
    {
        var ns = await kubectl.NamespaceAsync();
        await kubectl.ApplyAsync(Samples.Pod(ns, "inside", "node-1", "web"));
        await kubectl.RunAsync("delete", "namespace", ns, "--timeout=20s");
        Assert.Empty(await kubectl.RunAsync("get", "pods", "-A", "--field-selector", $"metadata.namespace={ns}", "-o", "name"));
    }

    [Fact]
    public async Task Delete_by_label_and_of_all_take_many()
    {
        var ns = await kubectl.NamespaceAsync();
        await kubectl.ApplyAsync(Samples.Pod(ns, "a", "node-1", "web") + Samples.Pod(ns, "b", "node-1", "web") + Samples.Pod(ns, "c", "node-1", "db"));
        await kubectl.RunAsync("delete", "pods", "-n", ns, "-l", "app=web");
        Assert.Equal("pod/c", (await kubectl.RunAsync("get", "pods", "-n", ns, "-o", "name")).Trim());
        await kubectl.RunAsync("delete", "pods", "--all", "-n", ns, "--grace-period=0", "--force");
        Assert.Empty(await kubectl.RunAsync("get", "pods", "-n", ns, "-o", "name"));
    }
}
