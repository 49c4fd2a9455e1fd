using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Where every request comes in: who asks, what for, and what becomes of errors.</summary>
internal sealed class ApiEndpoint(KubeStore store, ApiServerOptions options, string token)
{
    private readonly byte[] _authorization = SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + token));
    private readonly MetaEndpoint _meta = new(store);
    private readonly ResourceEndpoint _resources = new(store, options);

    /// <summary>Answers a request. No error of one request reaches another.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (ApiStatusException e)
        {
            await FailAsync(context, e.Status);
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(context, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? Refusals.TooLarge(RequestBody.Limit).Status : Refusals.BadRequest(e.Message).Status);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The client has left, or the server stops: nobody waits for an answer.
            return;
        }
        catch (Exception e)
        {
            options.Log?.Invoke($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}: {e}");
            await FailAsync(context, Refusals.Internal());
        }
    }

    private static async Task FailAsync(HttpContext context, ApiStatus status)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        await Answer.StatusAsync(context, status);
    }

    private async Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        context.Response.Headers.CacheControl = "no-cache, private";
        if (!MetaEndpoint.IsPublic(path) && !IsAuthorized(context.Request))
            throw Refusals.Unauthorized();
        if (HttpMethods.IsGet(context.Request.Method) && await _meta.TryHandleAsync(context, path))
            return;
        if (AccessReviews.Owns(path))
            await AccessReviews.HandleAsync(context, path);
        else
            await _resources.HandleAsync(context, RequestPath.Parse(path) ?? throw Refusals.NoSuchResource());
    }

    // Digests are compared, in constant time: neither content nor length of the token shows.
    private bool IsAuthorized(HttpRequest request) =>
        request.Headers.Authorization is [{ Length: < 1024 } said] && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(said)), _authorization);
}
