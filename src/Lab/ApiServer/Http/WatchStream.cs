using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Writes a watch: one JSON document a line, flushed as soon as nothing more is at hand.</summary>
internal sealed class WatchStream(HttpContext context, ApiServerOptions options, AnswerFormat format, TableFormat table)
{
    private readonly bool _bookmarks = AnswerFormat.IsTrue(context.Request.Query["allowWatchBookmarks"]) && context.Request.Query.ContainsKey("allowWatchBookmarks");
    private bool _headers = true;

    /// <summary>Runs until the timeout, an error of the watch, the client's leave, or the server's stop.</summary>
    public async Task RunAsync(WatchCursor cursor)
    {
        using (cursor)
        {
            var gone = context.RequestAborted;
            // Read first: it may be refused, which cannot be said once the answer has begun.
            var seconds = RequestQuery.Number(context.Request, "timeoutSeconds") is { } asked and > 0 ? TimeSpan.FromSeconds(Math.Min(asked, 86_400)) : options.WatchTimeout;
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = "application/json";
            await context.Response.Body.FlushAsync(gone);

            var time = options.Time;
            var end = time.GetTimestamp() + (long)(seconds.TotalSeconds * time.TimestampFrequency);
            var bookmark = NextBookmark();
            while (true)
            {
                var changed = cursor.Changed;
                if (!await DrainAsync(cursor))
                    return;
                var now = time.GetTimestamp();
                if (_bookmarks && (now >= bookmark || now >= end))
                {
                    await WriteAsync(cursor.Bookmark());
                    bookmark = NextBookmark();
                }

                await context.Response.Body.FlushAsync(gone);
                if (now >= end)
                    return;
                await WaitAsync(changed, (_bookmarks ? Math.Min(end, bookmark) : end) - now, gone);
            }
        }
    }

    private long NextBookmark() =>
        options.Time.GetTimestamp() + (long)(options.BookmarkInterval.TotalSeconds * options.Time.TimestampFrequency);

    // Waits for a change or for ticks of the clock, on a thread that is not the writer's.
    private async Task WaitAsync(Task changed, long ticks, CancellationToken gone)
    {
        var span = TimeSpan.FromSeconds(Math.Max(0, ticks) / (double)options.Time.TimestampFrequency);
        try
        {
            await changed.WaitAsync(span + TimeSpan.FromMilliseconds(1), options.Time, gone);
        }
        catch (TimeoutException)
        {
            return;
        }

        await Task.Yield();
    }

    private async Task<bool> DrainAsync(WatchCursor cursor)
    {
        try
        {
            while (cursor.Next() is { } change)
                await WriteAsync(change);
            return true;
        }
        catch (ApiStatusException e)
        {
            await LineAsync("ERROR", Encoding.UTF8.GetBytes(e.Status.ToJson().ToJsonString()));
            await context.Response.Body.FlushAsync(context.RequestAborted);
            return false;
        }
    }

    private async Task WriteAsync(WatchEvent change)
    {
        if (change.Type == "BOOKMARK" && !_bookmarks)
            return;
        var body = format.Form switch
        {
            AnswerForm.Table => Encode(table.Table([change.Object.Full], TableFormat.MetadataOf(change.Object.ResourceVersion), format.Rows, _headers)),
            AnswerForm.Metadata => Encode(TableFormat.Metadata(change.Object.Full)),
            _ => change.Object.Utf8,
        };
        // Headings come once: clients keep them.
        _headers = false;
        await LineAsync(change.Type, body);
    }

    private async Task LineAsync(string type, ReadOnlyMemory<byte> body)
    {
        var stream = context.Response.Body;
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), context.RequestAborted);
        await stream.WriteAsync(body, context.RequestAborted);
        await stream.WriteAsync("}\n"u8.ToArray(), context.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Encode(JsonObject body) => JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Default);
}
