using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Hosting;

if (args.Any(argument => argument is "--help" or "-h"))
{
    Console.Out.Write(OperatorOptionsReader.Usage);
    return 0;
}

try
{
    var options = OperatorOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.MachineName.ToLowerInvariant());
    // A lost lease is a fault for the supervisor: the next process starts with empty hands.
    return await new OperatorHost(options).RunAsync() ? 0 : 3;
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync($"vnetcni operator: {e.Message}");
    return 2;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArmCredentialException
    or System.Security.Cryptography.CryptographicException or k8s.Exceptions.KubeConfigException)
{
    await Console.Error.WriteLineAsync($"vnetcni operator: {e.Message}");
    return 1;
}
