using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Operations;

/// <summary>Polls of operations.</summary>
internal sealed class OperationHandler(OperationTable operations)
{
    /// <summary>Azure-AsyncOperation: 200 always, the status is in the body.</summary>
    public Reply Status(Call call)
    {
        var operation = Find(call);
        if (operation.Status == "InProgress")
            call.RetryAfter(operation.RetryAfter);
        return Reply.Ok(operation.Render());
    }

    /// <summary>Location of a DELETE: 202 while it runs, 204 once it is done, the error if it failed.</summary>
    public Reply Result(Call call)
    {
        var operation = Find(call);
        if (operation.Status == "InProgress")
        {
            call.Headers.Add(new("Location", call.BaseUri + call.Route.Path + "?api-version=" + Uri.EscapeDataString(call.ApiVersion)));
            call.RetryAfter(operation.RetryAfter);
            return new Reply(202, null);
        }

        if (operation.Error is { } error)
            throw new ArmError(409, error.String("code") ?? "Failed", error.String("message") ?? "The operation failed.");
        return new Reply(204, null);
    }

    private Operation Find(Call call) =>
        operations.Find(call.Route.OperationId!) ?? throw ArmErrors.OperationNotFound(call.Route.OperationId!);
}
