using System.Security.Cryptography;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Hosting;
using Vnetcni.Operator.Preflight;

if (args.Any(argument => argument is "--help" or "-h"))
{
    Console.Out.Write(HostOptionsReader.Usage + PreflightOptions.Usage);
    return 0;
}

try
{
    if (args is [PreflightHost.Command, .. var arguments])
        return await PreflightHost.RunAsync(arguments, Environment.GetEnvironmentVariable, TimeProvider.System, Console.Out, CancellationToken.None);
    var options = HostOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.MachineName.ToLowerInvariant());
    return await new OperatorHost(options).RunAsync();
}
catch (Exception e) when (e is FormatException or ArmCredentialException)
{
    await Console.Error.WriteLineAsync($"vnetcni operator: {e.Message}");
    return 2;
}
catch (Vnetcni.Operator.Uninstall.UninstallRefusedException e)
{
    await Console.Error.WriteLineAsync($"vnetcni operator: {e.Message}");
    return 4;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or Vnetcni.ControllerRuntime.Api.KubeApiException or ArmAnswerException or k8s.Exceptions.KubeConfigException)
{
    await Console.Error.WriteLineAsync($"vnetcni operator: {e.Message}");
    return 1;
}
