using System.Text.Json;
using Azure.Core;
using Azure.Identity;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Credentials;
using Vnetcni.Operator.Azure.Http;
using Vnetcni.Operator.Preflight;

namespace Vnetcni.Operator.Hosting;

/// <summary>Preflight as a command: the operator's own options, identity and connection, and no cluster.</summary>
internal static class PreflightHost
{
    /// <summary>The word after the program's name.</summary>
    internal const string Command = "preflight";

    /// <summary>
    /// Runs it and returns the exit code. Throws <see cref="FormatException"/> on wrong options, <see cref="ArmCredentialException"/> without a
    /// token, <see cref="IOException"/> without an answer.
    /// </summary>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Func<string, string?> environment, TimeProvider time, TextWriter output, CancellationToken cancellationToken)
    {
        var (own, others) = PreflightOptions.Read(arguments, environment);
        var options = HostOptionsReader.Read(others, environment, Command);
        var connection = ArmConnection.Options(options);
        var credential = ArmConnection.Credential(options, environment, time);
        var principal = await PrincipalAsync(credential, connection, cancellationToken);
        using var arm = new ArmHttp(connection, credential, time);
        await output.WriteLineAsync($"ARM {connection.Endpoint.Host}, identity mode {options.ArmIdentity}, object id {principal ?? "unknown"}");
        return await PreflightCommand.RunAsync(new ReadingArm(arm, time), own, principal, output, cancellationToken);
    }

    /// <summary>The token says whose it is (claim <c>oid</c>); its signature is ARM's to check.</summary>
    private static async Task<string?> PrincipalAsync(TokenCredential credential, ArmHttpOptions connection, CancellationToken cancellationToken)
    {
        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext([connection.Scope!]), cancellationToken);
            using var claims = FederatedTokenFile.Claims(token.Token);
            return claims is not null && claims.RootElement.TryGetProperty("oid", out var oid) && oid.ValueKind == JsonValueKind.String && Guid.TryParse(oid.GetString(), out var id)
                ? id.ToString("D")
                : null;
        }
        catch (AuthenticationFailedException e)
        {
            throw new ArmCredentialException($"no token for {connection.Endpoint.Host}: {e.Message}", e);
        }
    }
}
