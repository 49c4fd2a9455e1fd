using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Preflight;

/// <summary><c>operator preflight</c>: reads, tells, changes nothing.</summary>
internal static class PreflightCommand
{
    /// <summary>
    /// Looks and tells; returns the exit code: 0 nothing is missing, 4 something is. Throws <see cref="FormatException"/> for a scope that does
    /// not exist, and as <see cref="IArm.SendAsync"/> does.
    /// </summary>
    internal static async Task<int> RunAsync(IArm arm, PreflightOptions options, string? principal, TextWriter output, CancellationToken cancellationToken)
    {
        var check = new RightsCheck(arm, principal, PreflightOptions.Flag("uniform", options.Uniform));
        var findings = await check.RunAsync(options.Groups(), options.VirtualNetworks(), cancellationToken);
        await output.WriteAsync(PreflightReport.Text(findings, check.Notes, principal, PreflightOptions.Flag("all", options.All)));
        return PreflightReport.ExitCode(findings);
    }
}
