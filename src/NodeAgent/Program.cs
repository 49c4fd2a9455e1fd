using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Hosting;

if (args.Any(argument => argument is "--help" or "-h"))
{
    Console.Out.Write(AgentOptionsReader.Usage);
    return 0;
}

try
{
    var options = AgentOptionsReader.Read(args, Environment.GetEnvironmentVariable, Environment.MachineName.ToLowerInvariant());
    await new AgentHost(options).RunAsync();
    return 0;
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync($"vnetcni agent: {e.Message}");
    return 2;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataplaneException or k8s.Exceptions.KubeConfigException)
{
    await Console.Error.WriteLineAsync($"vnetcni agent: {e.Message}");
    return 1;
}
