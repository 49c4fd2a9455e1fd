using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Tests.Azure;

public sealed class ArmErrorsTests
{
    private const string Linked = "The client 'c' with object id 'o' has permission to perform action 'Microsoft.Network/networkInterfaces/write' on scope '/nic'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '/vnet/subnets/pods' (respectively) or the linked scope(s) are invalid.";
    private const string Plain = "The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.Network/networkInterfaces/read' over scope '/nic' or the scope is invalid. If access was recently granted, please refresh your credentials.";

    /// <summary>status, code, code in the details, cause, action.</summary>
    public static TheoryData<int, string, string?, ArmCause, ArmAction> Known => new()
    {
        { 400, "SubnetIsFull", null, ArmCause.SubnetFull, ArmAction.GiveUp },
        { 400, "PrivateIPAddressIsAllocated", null, ArmCause.AddressTaken, ArmAction.GiveUp },
        { 400, "PrivateIPAddressInUse", null, ArmCause.AddressTaken, ArmAction.GiveUp },
        { 400, "PrivateIPAddressNotInSubnet", null, ArmCause.AddressNotUsable, ArmAction.GiveUp },
        { 400, "PrivateIPAddressInReservedRange", null, ArmCause.AddressNotUsable, ArmAction.GiveUp },
        { 400, "IpConfigurationsOnSameNicCannotUseDifferentSubnets", null, ArmCause.SubnetsDiffer, ArmAction.GiveUp },
        { 400, ArmErrorTable.NicFullCode, null, ArmCause.NicFull, ArmAction.GiveUp },
        { 412, "PreconditionFailed", "PreconditionFailedEtagMismatch", ArmCause.EtagStale, ArmAction.ReRead },
        { 412, "PreconditionFailed", null, ArmCause.EtagStale, ArmAction.ReRead },
        { 429, "RetryableError", "ReferencedResourceNotProvisioned", ArmCause.DependencyBusy, ArmAction.Wait },
        { 429, "RetryableError", null, ArmCause.DependencyBusy, ArmAction.Retry },
        { 429, "RetryableErrorDueToAnotherOperation", null, ArmCause.Busy, ArmAction.Wait },
        { 429, "RetryableError", "RetryableErrorDueToAnotherOperation", ArmCause.Busy, ArmAction.Wait },
        { 429, "SubscriptionRequestsThrottled", null, ArmCause.Throttled, ArmAction.Wait },
        { 429, "TooManyRequests", null, ArmCause.Throttled, ArmAction.Wait },
        { 409, "AnotherOperationInProgress", null, ArmCause.Busy, ArmAction.Wait },
        { 400, "AnotherOperationInProgress", null, ArmCause.Busy, ArmAction.Wait },
        { 429, "AnotherOperationInProgress", null, ArmCause.Busy, ArmAction.Wait },
        { 200, "Canceled", "CanceledAndSupersededDueToAnotherOperation", ArmCause.Superseded, ArmAction.ReRead },
        { 400, "NicInUse", null, ArmCause.NicInUse, ArmAction.GiveUp },
        { 400, "NicReservedForAnotherVm", null, ArmCause.NicReserved, ArmAction.Wait },
        { 404, "ResourceNotFound", null, ArmCause.NotFound, ArmAction.GiveUp },
        { 404, "ResourceGroupNotFound", null, ArmCause.NotFound, ArmAction.GiveUp },
        { 403, "AuthorizationFailed", null, ArmCause.Forbidden, ArmAction.Forbidden },
        { 403, "LinkedAuthorizationFailed", null, ArmCause.Forbidden, ArmAction.Forbidden },
        { 400, "InvalidParameter", null, ArmCause.BadRequest, ArmAction.GiveUp },
        { 405, "", null, ArmCause.BadRequest, ArmAction.GiveUp },
        { 429, "Novel", null, ArmCause.Throttled, ArmAction.Wait },
        { 400, "Novel", "SubnetIsFull", ArmCause.SubnetFull, ArmAction.GiveUp },
        { 400, "subnetisfull", "Novel", ArmCause.SubnetFull, ArmAction.GiveUp },
        { 500, "InternalServerError", null, ArmCause.ServerFault, ArmAction.Retry },
        { 503, "", null, ArmCause.ServerFault, ArmAction.Retry },
        { 401, "InvalidAuthenticationToken", null, ArmCause.TokenRefused, ArmAction.Retry },
        { 403, "RequestDisallowedByPolicy", null, ArmCause.Denied, ArmAction.Forbidden },
        { 200, "Novel", null, ArmCause.Unknown, ArmAction.ReRead },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void An_error_is_classified_by_its_most_telling_code(int status, string code, string? detail, ArmCause cause, ArmAction action)
    {
        foreach (var body in new[] { Body(code, detail), Body(code.ToUpperInvariant(), detail?.ToLowerInvariant()), Bare(code, detail) })
        {
            var error = ArmErrors.Of(CannedArm.Answer(status, body));
            Assert.Equal((cause, action), (error.Cause, error.Action));
        }
    }

    [Fact]
    public void The_missing_right_and_its_scope_are_named()
    {
        var error = ArmErrors.Of(CannedArm.Answer(403, Body("LinkedAuthorizationFailed", null, Linked)));
        Assert.Equal("Microsoft.Network/virtualNetworks/subnets/join/action", error.MissingAction);
        Assert.Equal("/vnet/subnets/pods", error.Scope);
        Assert.EndsWith("Grant Microsoft.Network/virtualNetworks/subnets/join/action on /vnet/subnets/pods to the operator's identity.", error.ToString());
        error = ArmErrors.Of(CannedArm.Answer(403, Body("AuthorizationFailed", null, Plain)));
        Assert.Equal(("Microsoft.Network/networkInterfaces/read", "/nic"), (error.MissingAction, error.Scope));
        Assert.Equal("Forbidden", error.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("perform action")]
    [InlineData("perform action '")]
    [InlineData("perform action ''")]
    [InlineData("perform action 'a")]
    public void A_text_without_a_right_names_none(string message)
    {
        var error = ArmErrors.Of(CannedArm.Answer(403, Body("AuthorizationFailed", null, message)));
        Assert.Null(error.Scope);
        Assert.Contains("Grant the operator's role", error.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Bad Gateway</html>")]
    [InlineData("null")]
    [InlineData("[{\"code\":\"SubnetIsFull\"}]")]
    [InlineData("{\"error\":\"x\"}")]
    [InlineData("{\"error\":{\"code\":5,\"message\":[],\"details\":{}}}")]
    [InlineData("{\"error\":{\"code\":\"\\ud800\"}}")]
    public void A_malformed_body_leaves_the_status_to_decide(string body)
    {
        var error = ArmErrors.Of(CannedArm.Answer(502, body));
        Assert.Equal((ArmCause.ServerFault, "", 502), (error.Cause, error.Code, error.Status));
        Assert.StartsWith("HTTP 502", error.ToString());
    }

    [Fact]
    public void A_truncated_body_still_gives_what_came_before()
    {
        var error = ArmErrors.Of(CannedArm.Answer(400, "{\"error\":{\"details\":[{\"code\":\"SubnetIsFull\",\"message\":\"m\"}],\"code\":\"Bad"));
        Assert.Equal(ArmCause.SubnetFull, error.Cause);
    }

    [Fact]
    public void Deep_wide_and_long_errors_are_bounded()
    {
        var wide = "{\"error\":{\"code\":\"x\",\"details\":[" + string.Join(',', Enumerable.Repeat("{\"code\":\"y\"}", 1000)) + "]}}";
        Assert.InRange(ArmErrorReader.Read(Encoding.UTF8.GetBytes(wide)).Count, 1, 16);
        var deep = string.Concat(Enumerable.Repeat("{\"code\":\"x\",\"details\":[", 30)) + string.Concat(Enumerable.Repeat("]}", 30));
        Assert.InRange(ArmErrorReader.Read(Encoding.UTF8.GetBytes(deep)).Count, 1, 5);
        var text = ArmErrors.Of(CannedArm.Answer(400, Body("SubnetIsFull", null, new string('m', 100_000)))).ToString();
        Assert.InRange(text.Length, 1, 1200);
        Assert.Empty(ArmErrorReader.Read(new byte[1_000_000]));
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Gen.Byte.Array[0, 200].Sample(bytes => ArmErrors.Of(new ArmResponse(500, bytes)).Cause == ArmCause.ServerFault);

    [Fact]
    public void Wait_and_correlation_are_kept()
    {
        var error = ArmErrors.Of(CannedArm.Answer(429, Body("TooManyRequests", null)) with { RetryAfter = TimeSpan.FromSeconds(7), CorrelationId = "c" });
        Assert.Equal((TimeSpan.FromSeconds(7), "c", "Throttled"), (error.RetryAfter!.Value, error.CorrelationId, error.Reason));
    }

    private static string Body(string code, string? detail, string message = "Subnet pods does not have enough capacity for 3 IP addresses.") =>
        new JsonObject { ["error"] = JsonNode.Parse(Bare(code, detail, message)) }.ToJsonString();

    private static string Bare(string code, string? detail, string message = "m")
    {
        var details = detail is null ? new JsonArray() : new JsonArray(new JsonObject { ["code"] = detail, ["message"] = "inner" });
        return new JsonObject { ["details"] = details, ["innererror"] = new JsonObject(), ["code"] = code, ["message"] = message }.ToJsonString();
    }
}
