using System.Security.Cryptography;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Hosting;

if (args.Any(argument => argument is "--help" or "-h"))
{
    Console.Out.Write(HostOptionsReader.Usage);
    return 0;
}

try
{
    var options = HostOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.MachineName.ToLowerInvariant());
    return await new OperatorHost(options).RunAsync();
}
catch (Exception e) when (e is FormatException or ArmCredentialException)
{
    await Console.Error.WriteLineAsync($"vnetcni operator: {e.Message}");
    return 2;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or k8s.Exceptions.KubeConfigException)
{
    await Console.Error.WriteLineAsync($"vnetcni operator: {e.Message}");
    return 1;
}
