using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>
/// Reads the few bodies that kubectl itself sends as protobuf (<c>create namespace</c>, <c>auth can-i</c>, <c>auth
/// whoami</c>, typed deletes), for it does not fall back to JSON. Field numbers: the generated.proto files of k8s.io/api
/// and k8s.io/apimachinery; the envelope: k8s.io/apimachinery/pkg/runtime/generated.proto, Unknown.
/// </summary>
internal static class ProtobufBody
{
    /// <summary>Their media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static readonly Message ObjectMeta = new(
        (1, "name", Shape.Text), (2, "generateName", Shape.Text), (3, "namespace", Shape.Text), (5, "uid", Shape.Text), (6, "resourceVersion", Shape.Text),
        (11, "labels", Shape.Map), (12, "annotations", Shape.Map), (14, "finalizers", Shape.Texts));

    private static readonly Message Namespace = new((1, "metadata", ObjectMeta), (2, "spec", new Message((1, "finalizers", Shape.Texts))));

    private static readonly Message ResourceAttributes = new(
        (1, "namespace", Shape.Text), (2, "verb", Shape.Text), (3, "group", Shape.Text), (4, "version", Shape.Text), (5, "resource", Shape.Text),
        (6, "subresource", Shape.Text), (7, "name", Shape.Text));

    private static readonly Message AccessReview = new(
        (1, "metadata", ObjectMeta),
        (2, "spec", new Message((1, "resourceAttributes", ResourceAttributes), (2, "nonResourceAttributes", new Message((1, "path", Shape.Text), (2, "verb", Shape.Text))))));

    private static readonly Message DeleteOptions = new(
        (1, "gracePeriodSeconds", Shape.Integer), (2, "preconditions", new Message((1, "uid", Shape.Text), (2, "resourceVersion", Shape.Text))),
        (3, "orphanDependents", Shape.Boolean), (4, "propagationPolicy", Shape.Text), (5, "dryRun", Shape.Texts));

    private static readonly Dictionary<string, Message> Kinds = new(StringComparer.Ordinal)
    {
        ["Namespace"] = Namespace,
        ["SelfSubjectAccessReview"] = AccessReview,
        ["SelfSubjectRulesReview"] = new((1, "metadata", ObjectMeta), (2, "spec", new Message((1, "namespace", Shape.Text)))),
        ["SelfSubjectReview"] = new((1, "metadata", ObjectMeta)),
        ["DeleteOptions"] = DeleteOptions,
    };

    private enum Shape
    {
        Text,
        Integer,
        Boolean,
        Texts,
        Map,
        Nested,
    }

    /// <summary>The object as JSON; null when its kind is not read here. Throws <see cref="FormatException"/> for what is no such message.</summary>
    public static JsonObject? Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
            return null;
        var (apiVersion, kind) = (string.Empty, string.Empty);
        ReadOnlySpan<byte> raw = default;
        var envelope = new ProtobufReader(body[4..]);
        while (envelope.Read())
        {
            if (envelope.Field == 1)
                (apiVersion, kind) = TypeMeta(envelope.Bytes);
            else if (envelope.Field == 2)
                raw = envelope.Bytes;
        }

        if (!Kinds.TryGetValue(kind, out var message))
            return null;
        var json = Object(raw, message);
        json["apiVersion"] = apiVersion;
        json["kind"] = kind;
        return json;
    }

    private static (string ApiVersion, string Kind) TypeMeta(ReadOnlySpan<byte> bytes)
    {
        var (apiVersion, kind) = (string.Empty, string.Empty);
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (reader.Field == 1)
                apiVersion = reader.Text;
            else if (reader.Field == 2)
                kind = reader.Text;
        }

        return (apiVersion, kind);
    }

    private static JsonObject Object(ReadOnlySpan<byte> bytes, Message message)
    {
        var json = new JsonObject();
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (!message.Fields.TryGetValue(reader.Field, out var field))
                continue;
            switch (field.Shape)
            {
                // Go writes empty texts too; in JSON they are left out.
                case Shape.Text when !reader.Bytes.IsEmpty:
                    json[field.Name] = reader.Text;
                    break;
                case Shape.Integer:
                    json[field.Name] = (long)reader.Number;
                    break;
                case Shape.Boolean:
                    json[field.Name] = reader.Number != 0;
                    break;
                case Shape.Texts:
                    (json[field.Name] ??= new JsonArray()).AsArray().Add(reader.Text);
                    break;
                case Shape.Map:
                    var (key, value) = TypeMeta(reader.Bytes);
                    (json[field.Name] ??= new JsonObject())[key] = value;
                    break;
                case Shape.Nested:
                    json[field.Name] = Object(reader.Bytes, field.Message!);
                    break;
                default:
                    break;
            }
        }

        return json;
    }

    private sealed class Message(params ReadOnlySpan<MessageField> fields)
    {
        public Dictionary<int, MessageField> Fields { get; } = fields.ToArray().ToDictionary(field => field.Number);
    }

    private sealed record MessageField(int Number, string Name, Shape Shape, Message? Message)
    {
        public static implicit operator MessageField((int Number, string Name, Shape Shape) field) => new(field.Number, field.Name, field.Shape, null);

        public static implicit operator MessageField((int Number, string Name, Message Message) field) => new(field.Number, field.Name, Shape.Nested, field.Message);
    }
}
