using System.Globalization;
using Vnetcni.ArmSimulator.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vnetcni.ArmSimulator.Faults;

/// <summary>
/// Reads a fault plan node by node, without reflection, so that each error can say where it stands. A plan means what it says: a name,
/// route, code or value that is not known is an error, never ignored.
/// </summary>
/// <param name="source">Name of the file, for errors.</param>
internal sealed class FaultPlanReader(string source)
{
    private const int MostRules = 1_000;

    private static readonly string[] Methods = ["GET", "PUT", "DELETE", "PATCH", "POST"];

    private static readonly Dictionary<string, Action<Fault, Field>> Fields = new(StringComparer.Ordinal)
    {
        ["kind"] = static (f, v) => f.Kind = v.OneOf<FaultKind>(),
        ["method"] = static (f, v) => f.Method = v.OneOf(Methods),
        ["route"] = static (f, v) => f.Route = v.OneOf(Route.Templates),
        ["path"] = static (f, v) => f.Path = v.Text(),
        ["skip"] = static (f, v) => f.Skip = v.Whole(0, int.MaxValue),
        ["count"] = static (f, v) => f.Count = v.Whole(0, int.MaxValue),
        ["probability"] = static (f, v) => f.Probability = v.Number(0, 1),
        ["fromSeconds"] = static (f, v) => f.FromSeconds = v.Number(0, 1e9),
        ["untilSeconds"] = static (f, v) => f.UntilSeconds = v.Number(0, 1e9),
        ["everySeconds"] = static (f, v) => f.EverySeconds = v.Number(0.001, 1e9),
        ["forSeconds"] = static (f, v) => f.ForSeconds = v.Number(0.001, 1e9),
        ["status"] = static (f, v) => f.Status = v.Whole(400, 599),
        ["code"] = static (f, v) => f.Code = v.Text(),
        ["message"] = static (f, v) => f.Message = v.Text(),
        ["detailCode"] = static (f, v) => f.DetailCode = v.Text(),
        ["retryAfter"] = static (f, v) => f.RetryAfter = v.Whole(0, 86_400),
        ["delaySeconds"] = static (f, v) => f.DelaySeconds = v.Number(0, 86_400),
        ["withoutEffect"] = static (f, v) => f.WithoutEffect = v.OneOf(["true", "false"]) == "true",
    };

    public FaultPlan Read(string text)
    {
        var root = Root(text);
        var name = source;
        List<Fault>? faults = null;
        foreach (var (key, value) in Members(root, "the plan"))
        {
            switch (key.Value)
            {
                case "name":
                    name = new Field(source, "name", value).Text();
                    break;
                case "description":
                    _ = new Field(source, "description", value).Text();
                    break;
                case "faults":
                    faults = ReadAll(value);
                    break;
                default:
                    throw Error(key, key.Value ?? "", "is not known; a plan has name, description and faults");
            }
        }

        return faults is null ? throw Error(root, "faults", "is missing: the list of rules") : new FaultPlan(name, faults);
    }

    private YamlNode Root(string text)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents switch
            {
                [] => throw new FaultPlanException($"{source}: is empty; a plan has faults"),
                [var one] => one.RootNode,
                [_, var second, ..] => throw Error(second.RootNode, "---", "starts a second document; a plan is one"),
            };
        }
        catch (YamlException e)
        {
            throw new FaultPlanException($"{source}:{e.Start.Line.ToString(CultureInfo.InvariantCulture)}: is no YAML: {e.Message}", e);
        }
    }

    private List<Fault> ReadAll(YamlNode node)
    {
        if (node is not YamlSequenceNode list)
            throw Error(node, "faults", "must be a list: one `- kind: ...` for each rule");
        if (list.Children.Count > MostRules)
            throw Error(node, "faults", $"has {list.Children.Count} rules; at most {MostRules} are taken");
        var faults = new List<Fault>();
        var trial = new FaultSet(new SimRandom(0));
        foreach (var item in list.Children)
        {
            var fault = ReadOne(item, $"faults[{faults.Count}]");
            try
            {
                trial.Add(fault);
            }
            catch (ArgumentException e)
            {
                throw Error(item, $"faults[{faults.Count}]", e.Message.Split(" (Parameter")[0], e);
            }

            faults.Add(fault);
        }

        return faults;
    }

    private Fault ReadOne(YamlNode node, string path)
    {
        var fault = new Fault();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in Members(node, path))
        {
            var name = key.Value ?? "";
            if (!Fields.TryGetValue(name, out var set))
                throw Error(key, $"{path}.{name}", $"is not known; a rule has {string.Join(", ", Fields.Keys)}");
            set(fault, new Field(source, $"{path}.{name}", value));
            seen.Add(name);
        }

        if (!seen.Contains("kind"))
            throw Error(node, path + ".kind", $"is missing; it is one of {string.Join(", ", Enum.GetNames<FaultKind>())}");
        if (seen.Contains("code") && !seen.Contains("status") && fault.Kind is FaultKind.Error or FaultKind.ErrorAfterCommit && FaultCatalogue.Find(fault.Code) is null)
            throw Error(node, path + ".code", $"\"{fault.Code}\" is not one whose status is known; give status too, or one of {string.Join(", ", FaultCatalogue.Codes)}");
        if (fault.UntilSeconds <= fault.FromSeconds)
            throw Error(node, path + ".untilSeconds", "is not after fromSeconds: the rule would never fire");
        return fault;
    }

    private IEnumerable<(YamlScalarNode Key, YamlNode Value)> Members(YamlNode node, string path)
    {
        if (node is not YamlMappingNode map)
            throw Error(node, path, "must be a mapping of names to values");
        foreach (var (key, value) in map.Children)
            yield return (key as YamlScalarNode ?? throw Error(key, path, "has a name that is no text"), value);
    }

    private FaultPlanException Error(YamlNode at, string field, string reason, Exception? cause = null) => Field.Error(source, at, field, reason, cause);

    /// <summary>One value with the place where it stands.</summary>
    private sealed class Field(string source, string path, YamlNode node)
    {
        public static FaultPlanException Error(string source, YamlNode at, string field, string reason, Exception? cause = null)
        {
            var message = $"{source}:{at.Start.Line.ToString(CultureInfo.InvariantCulture)}: {field}: {reason}";
            return cause is null ? new FaultPlanException(message) : new FaultPlanException(message, cause);
        }

        public string Text() => node is YamlScalarNode { Value: { Length: > 0 and <= 4096 } text } ? text : throw Wrong("a text of 1 to 4096 characters");

        public double Number(double least, double most) =>
            double.TryParse(Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

        public int Whole(int least, int most) =>
            int.TryParse(Text(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

        public string OneOf(IReadOnlyList<string> known) =>
            known.FirstOrDefault(k => string.Equals(k, Text(), StringComparison.OrdinalIgnoreCase)) ?? throw Wrong($"one of {string.Join(", ", known)}");

        public T OneOf<T>()
            where T : struct, Enum => Enum.Parse<T>(OneOf(Enum.GetNames<T>()));

        private FaultPlanException Wrong(string wanted) =>
            Error(source, node, path, $"{(node is YamlScalarNode { Value: { } text } ? $"\"{(text.Length > 80 ? text[..80] : text)}\"" : "this")} must be {wanted}");
    }
}
