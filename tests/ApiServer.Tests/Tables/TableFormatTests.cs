using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.ApiServer.Tests.Tables;

public class TableFormatTests
{
    private static readonly FakeTimeProvider Clock = new(DateTimeOffset.Parse("2026-01-01T00:10:00Z", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void Cells_follow_the_types_of_their_columns()
    {
        var columns = CustomColumns.From(
        [
            new PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status"),
            new PrinterColumn("Held", "integer", ".status.held"),
            new PrinterColumn("Ratio", "number", ".status.ratio"),
            new PrinterColumn("On", "boolean", ".status.on"),
            new PrinterColumn("Age", "date", ".metadata.creationTimestamp"),
            new PrinterColumn("List", "string", ".status.list"),
            new PrinterColumn("Wrong", "integer", ".status.on"),
            new PrinterColumn("None", "string", ".status.none"),
        ]);
        var cells = Cells(columns, """
            {"metadata": {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z"},
             "status": {"held": 3, "ratio": 0.5, "on": true, "list": ["x", 1], "conditions": [{"type": "Other", "status": "no"}, {"type": "Ready", "status": "True"}]}}
            """);
        Assert.Equal("""["a","True",3,0.5,true,"10m","[\u0022x\u0022,1]",null,null]""", cells.ToJsonString());
    }

    [Fact]
    public void Without_columns_of_its_own_a_custom_resource_shows_its_age()
    {
        var columns = CustomColumns.From([]);
        Assert.Equal(["Name", "Age"], columns.Select(c => c.Name));
        Assert.Equal("""["a","10m"]""", Cells(columns, """{"metadata": {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z"}}""").ToJsonString());
    }

    [Theory]
    [InlineData("""{"status": {"phase": "Running", "containerStatuses": [{"ready": true, "state": {"running": {}}}]}, "spec": {"containers": [{}, {}]}}""", "1/2 Running 0")]
    [InlineData("""{"status": {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 4, "lastState": {"terminated": {"finishedAt": "2026-01-01T00:09:00Z"}}}]}}""", "0/0 CrashLoopBackOff 4 (60s ago)")]
    [InlineData("""{"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Running"}}""", "0/0 Terminating 0")]
    [InlineData("""{"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Succeeded"}}""", "0/0 Succeeded 0")]
    [InlineData("""{"status": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"exitCode": 137}}}]}}""", "0/0 ExitCode:137 0")]
    public void Pods_are_summed_up_as_kubectl_shows_them(string pod, string expected) =>
        Assert.Equal(expected, string.Join(' ', Cells(PodColumns.All, pod).Skip(1).Take(3).Select(c => c!.GetValue<string>())));

    [Theory]
    [InlineData("""{}""", "<none> Unknown")]
    [InlineData("""{"metadata": {"labels": {"node-role.kubernetes.io/b": "", "kubernetes.io/role": "a"}}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}""", "a,b Ready")]
    [InlineData("""{"spec": {"unschedulable": true}, "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}""", "<none> NotReady,SchedulingDisabled")]
    public void Nodes_are_summed_up_as_kubectl_shows_them(string node, string expected)
    {
        var cells = Cells(NodeColumns.All, node);
        Assert.Equal(expected, $"{cells[2]} {cells[1]}");
    }

    [Fact]
    public void Whatever_the_shape_of_an_object_every_built_in_column_has_a_cell()
    {
        var odd = JsonNode.Parse("""{"metadata": 1, "spec": [], "status": "x", "involvedObject": [1], "series": 4, "source": null, "count": "three"}""")!.AsObject();
        foreach (var resource in BuiltInResources.All)
            Assert.All(BuiltInColumns.Of(resource.GroupResource), column => Assert.NotNull(column.Cell(odd, Clock.GetUtcNow())));
    }

    [Fact]
    public void A_row_carries_what_is_asked_for()
    {
        var item = JsonNode.Parse("""{"kind": "Lease", "metadata": {"name": "a"}, "spec": {}}""")!.AsObject();
        var format = new TableFormat(BuiltInColumns.Of("leases.coordination.k8s.io"), Clock);
        JsonNode? Row(RowObject include) => format.Table([item], TableFormat.MetadataOf("7"), include, headers: false)["rows"]![0]!["object"];
        Assert.Null(Row(RowObject.None));
        Assert.Equal("""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a"}}""", Row(RowObject.Metadata)!.ToJsonString());
        Assert.Equal("""{"kind":"Lease","metadata":{"name":"a"},"spec":{}}""", Row(RowObject.Object)!.ToJsonString());
    }

    private static JsonArray Cells(IReadOnlyList<TableColumn> columns, string item)
    {
        var table = new TableFormat(columns, Clock).Table([JsonNode.Parse(item)!.AsObject()], TableFormat.MetadataOf("1"), RowObject.None, headers: true);
        Assert.Equal(columns.Count, table["columnDefinitions"]!.AsArray().Count);
        return table["rows"]![0]!["cells"]!.AsArray();
    }
}
