using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

public sealed partial class MonitoringTests
{
    [Fact]
    public void Alerts_and_dashboard_ask_for_metrics_that_the_programs_have()
    {
        var known = Instruments();
        // Of the scrape, the histogram and the rest by the programs.
        var labels = new HashSet<string>(Sources().SelectMany(text => Tag().Matches(text)).Select(m => m.Groups["tag"].Value), StringComparer.Ordinal) { "job", "instance", "node", "le" };
        Assert.True(known.Count > 15, string.Join(' ', known));
        var expressions = AlertRules().Select(rule => (string)rule["expr"]!).Concat(Panels().SelectMany(p => (JsonArray)p["targets"]!).Select(t => (string)t!["expr"]!)).ToArray();
        Assert.True(expressions.Length > 12);
        foreach (var expression in expressions)
        {
            foreach (Match metric in Metric().Matches(expression))
                Assert.True(known.Contains(metric.Value), $"no program has {metric.Value}, asked for by: {expression}");
            foreach (var label in Labels().Matches(expression).SelectMany(m => m.Groups["labels"].Value.Split(',', '{', '}')).Select(l => l.Split('=', '!')[0].Trim()))
                Assert.True(labels.Contains(label), $"no metric has the label {label}, asked for by: {expression}");
        }
    }

    [Fact]
    public void Every_alert_has_its_section_in_the_troubleshooting_page()
    {
        var page = Repository.Read("docs/install/troubleshooting.md");
        foreach (var rule in AlertRules())
        {
            var name = (string)rule["alert"]!;
            Assert.EndsWith($"docs/install/troubleshooting.md#{name.ToLowerInvariant()}", (string?)rule["annotations"]!["runbook_url"], StringComparison.Ordinal);
            Assert.Contains($"\n### {name}\n", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Both_monitors_find_the_ports_of_the_pods()
    {
        var objects = Helm.Objects(Helm.ValuesOf("everything"));
        foreach (var (workload, port) in new[] { ("Deployment", 19467L), ("DaemonSet", 19468L) })
        {
            var pod = Manifests.PodSpec(Manifests.One(objects, workload))!;
            var container = pod["containers"]![0]!;
            Assert.Equal("metrics", (string?)container["ports"]![0]!["name"]);
            Assert.Equal(port, (long)container["ports"]![0]!["containerPort"]!);
            Assert.Contains((JsonArray)container["env"]!, e => (string?)e!["name"] == "VNETCNI_HTTP" && (string?)e["value"] == $"0.0.0.0:{port}");
        }

        Assert.Equal("metrics", (string?)Manifests.One(objects, "ServiceMonitor")["spec"]!["endpoints"]![0]!["port"]);
        Assert.Equal("metrics", (string?)Manifests.One(objects, "PodMonitor")["spec"]!["podMetricsEndpoints"]![0]!["port"]);
        var service = Manifests.One(objects, "Service");
        var selector = service["spec"]!["selector"]!.AsObject();
        var labels = Manifests.One(objects, "Deployment")["spec"]!["template"]!["metadata"]!["labels"]!;
        Assert.All(selector, pair => Assert.Equal((string?)pair.Value, (string?)labels[pair.Key]));
    }

    private static IEnumerable<JsonObject> AlertRules() =>
        ((JsonArray)Manifests.One(Helm.Objects(Helm.ValuesOf("everything")), "PrometheusRule")["spec"]!["groups"]![0]!["rules"]!).Select(r => r!.AsObject());

    private static IEnumerable<JsonObject> Panels()
    {
        var map = Helm.Objects(Helm.ValuesOf("everything")).Single(o => Manifests.Kind(o) == "ConfigMap" && o["data"]!["vnetcni.json"] is not null);
        return ((JsonArray)JsonNode.Parse((string)map["data"]!["vnetcni.json"]!)!["panels"]!).Select(p => p!.AsObject());
    }

    private static IEnumerable<string> Sources() =>
        new[] { "src/Operator", "src/NodeAgent", "src/ControllerRuntime" }.SelectMany(Repository.Sources).Select(File.ReadAllText);

    // As the Prometheus exporter names them: dots become underscores, units and _total are appended.
    // https://github.com/open-telemetry/opentelemetry-specification/blob/main/specification/compatibility/prometheus_and_openmetrics.md
    private static HashSet<string> Instruments()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in Sources())
        {
            foreach (Match made in Instrument().Matches(text))
            {
                var name = made.Groups["name"].Value.Replace('.', '_');
                switch (made.Groups["type"].Value)
                {
                    case "Counter" or "ObservableCounter": names.Add(name + "_total"); break;
                    case "Histogram": names.UnionWith(new[] { "_bucket", "_sum", "_count" }.Select(end => name + "_seconds" + end)); break;
                    default: names.Add(name); break;
                }
            }
        }

        return names;
    }

    [GeneratedRegex(@"\.Create(?<type>Counter|ObservableCounter|Histogram|UpDownCounter|Gauge|ObservableGauge)(?:<\w+>)?\(\s*\x22(?<name>vnetcni\.[a-z_.]+)\x22", RegexOptions.CultureInvariant)]
    private static partial Regex Instrument();

    [GeneratedRegex(@"(?:by \(|vnetcni_\w+\{)(?<labels>[^)}]*)[)}]", RegexOptions.CultureInvariant)]
    private static partial Regex Labels();

    [GeneratedRegex(@"(?:KeyValuePair<string, object\?>|new|label = new)\(\x22(?<tag>[a-z_]+)\x22,", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\bvnetcni_[a-z_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Metric();
}
