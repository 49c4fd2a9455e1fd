using System.Text;
using Microsoft.AspNetCore.Http;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>
/// The instance metadata service of every VM. Azure tells the VM by the caller; here the path does:
/// <c>/vm/{name}/metadata/instance/network</c>, or the bare path for the default VM.
/// </summary>
internal sealed class ImdsEndpoint(SimulatedArm arm, string? defaultVm)
{
    public async Task HandleAsync(HttpContext context)
    {
        var wireserver = context.Request.Path.Value?.EndsWith("/machine/plugins", StringComparison.OrdinalIgnoreCase) == true;
        var (status, body) = wireserver ? InterfaceInfo(context.Request) : Answer(context.Request);
        context.Response.StatusCode = status;
        context.Response.ContentType = wireserver ? "text/xml; charset=utf-8" : "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The wireserver's part: no header is asked for, the query says what.</summary>
    private (int Status, byte[] Body) InterfaceInfo(HttpRequest request)
    {
        if (request.Method != "GET")
            return (405, []);
        if (request.Query["comp"] != "nmagent" || request.Query["type"] != "getinterfaceinfov1")
            return (400, []);
        var parts = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var vm = parts is ["vm", var named, _, _] ? named : parts.Length == 2 ? defaultVm : null;
        return vm is not null && arm.InterfaceInfo(vm) is { } answer ? (200, answer) : (404, []);
    }

    private (int Status, byte[] Body) Answer(HttpRequest request)
    {
        if (!string.Equals(request.Headers["Metadata"], "true", StringComparison.OrdinalIgnoreCase))
            return (400, Error("Bad request. Required metadata header not specified"));
        if (request.Headers.ContainsKey("X-Forwarded-For"))
            return (400, Error("Bad request. Requests through a proxy are refused"));
        if (request.Method != "GET")
            return (405, Error("Method not allowed"));
        if (string.IsNullOrEmpty(request.Query["api-version"]))
            return (400, Error("Bad request. api-version is invalid or was not specified in the request."));

        var parts = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var vm = defaultVm;
        if (parts is ["vm", var named, ..])
        {
            vm = named;
            parts = parts[2..];
        }

        if (vm is null || parts is not ["metadata", "instance", .. var rest] || rest.Length > 1)
            return (404, Error("Not found. Ask /vm/{name}/metadata/instance[/network|/compute], or start with --imds-vm."));
        var answer = arm.InstanceMetadata(vm, rest is [var section] ? section : null);
        return answer is null ? (404, Error("Not found")) : (200, answer);
    }

    private static byte[] Error(string text) => Encoding.UTF8.GetBytes($"{{ \"error\": \"{text}\" }}");
}
