using System.Text.Json;
using k8s.Models;

namespace Vnetcni.Api.Serialization;

/// <summary><c>metadata.ownerReferences</c> by hand, as the rest of the metadata.</summary>
internal static class OwnerReferences
{
    internal static List<V1OwnerReference> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("ownerReferences are not an array");
        var list = new List<V1OwnerReference>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            list.Add(ReadOne(ref reader));
        return list;
    }

    internal static void Write(Utf8JsonWriter writer, IList<V1OwnerReference> owners)
    {
        writer.WriteStartArray("ownerReferences");
        foreach (var owner in owners)
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", owner.ApiVersion);
            writer.WriteString("kind", owner.Kind);
            writer.WriteString("name", owner.Name);
            writer.WriteString("uid", owner.Uid);
            if (owner.Controller is { } controller)
                writer.WriteBoolean("controller", controller);
            if (owner.BlockOwnerDeletion is { } block)
                writer.WriteBoolean("blockOwnerDeletion", block);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static V1OwnerReference ReadOne(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an owner reference is not an object");
        var owner = new V1OwnerReference();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "apiVersion": owner.ApiVersion = reader.GetString(); break;
                case "kind": owner.Kind = reader.GetString(); break;
                case "name": owner.Name = reader.GetString(); break;
                case "uid": owner.Uid = reader.GetString(); break;
                case "controller": owner.Controller = reader.GetBoolean(); break;
                case "blockOwnerDeletion": owner.BlockOwnerDeletion = reader.GetBoolean(); break;
                default: reader.Skip(); break;
            }
        }

        return owner;
    }
}
