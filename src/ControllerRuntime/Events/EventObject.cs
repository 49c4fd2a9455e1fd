using System.Buffers;
using System.Globalization;
using System.Text.Json;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Events;

/// <summary>
/// The Event objects and patches that are written.
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
/// </summary>
internal static class EventObject
{
    private const int MaxMessage = 1024;
    private const int MaxName = 253;

    public static Corev1Event Create(EventKey key, EventRecorderOptions options, DateTime first, DateTime last, int count, long sequence) => new()
    {
        Metadata = new V1ObjectMeta { Name = Name(key, last, sequence), NamespaceProperty = Namespace(key, options) },
        InvolvedObject = new V1ObjectReference
        {
            ApiVersion = key.ApiVersion,
            Kind = key.Kind,
            Name = key.About.Name,
            NamespaceProperty = key.About.Namespace.Length == 0 ? null : key.About.Namespace,
            Uid = key.Uid.Length == 0 ? null : key.Uid,
        },
        Type = key.Type,
        Reason = key.Reason,
        Message = Message(key.Message),
        Source = new V1EventSource { Component = options.Component, Host = options.Instance },
        ReportingComponent = options.Component,
        ReportingInstance = options.Instance,
        FirstTimestamp = Seconds(first),
        LastTimestamp = Seconds(last),
        Count = count,
    };

    /// <summary>A merge patch that says that the event happened again.</summary>
    public static ReadOnlyMemory<byte> Repeated(int count, DateTime last)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("count"u8, count);
        json.WriteString("lastTimestamp"u8, Seconds(last).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    public static string Namespace(EventKey key, EventRecorderOptions options) =>
        key.About.Namespace.Length == 0 ? options.DefaultNamespace : key.About.Namespace;

    // Like client-go: the object's name and a time in hexadecimal; the sequence tells apart events of one tick.
    private static string Name(EventKey key, DateTime now, long sequence)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $".{now.Ticks:x}{sequence & 0xffff:x4}");
        var head = key.About.Name.Length + suffix.Length > MaxName ? key.About.Name[..(MaxName - suffix.Length)].TrimEnd('.', '-') : key.About.Name;
        return head + suffix;
    }

    private static string Message(string text) => text.Length <= MaxMessage ? text : text[..(MaxMessage - 3)] + "...";

    // metav1.Time has whole seconds.
    private static DateTime Seconds(DateTime value) => new(value.Ticks - (value.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
}
