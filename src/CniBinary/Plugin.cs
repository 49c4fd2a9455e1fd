using Vnetcni.AgentProtocol;
using Vnetcni.AgentProtocol.Invocation;
using Vnetcni.CniBinary.Commands;

namespace Vnetcni.CniBinary;

/// <summary>From the environment and stdin to stdout and an exit code. Whatever happens, an error is CNI's JSON on stdout.</summary>
internal static class Plugin
{
    public static int Run()
    {
        string? version = null;
        Output output;
        try
        {
            output = Answer(ref version);
        }
        catch (CniException e)
        {
            output = new Output(1, CniErrorJson.Write(version, e));
        }
        catch (Exception e)
        {
            var fault = new CniException(
                CniErrorCode.Internal, $"unexpected {e.GetType().Name}: {e.Message}", "this is a fault of vnetcni: please report it");
            output = new Output(1, CniErrorJson.Write(version, fault));
        }

        return StandardStreams.TryWrite(StandardStreams.Out, output.Text.Span) ? output.ExitCode : 1;
    }

    private static Output Answer(ref string? version)
    {
        // The version first, so that an error of the environment can carry it; but an error of the environment comes first.
        var config = StandardStreams.ReadInput();
        NetworkConfigHead? head = null;
        CniException? unreadable = null;
        try
        {
            head = NetworkConfigHead.Parse(config.Span);
            version = head.CniVersion;
        }
        catch (CniException e)
        {
            unreadable = e;
        }

        var environment = CniEnvironment.Read(Environment.GetEnvironmentVariable);
        if (environment.Command == CniCommand.Version)
            return VersionCommand.Run(head);
        if (head is null)
            throw unreadable!;
        head.Validate(environment.Command);
        var paths = AgentPaths.Resolve(Environment.GetEnvironmentVariable(AgentPaths.SocketVariable), head.Socket);
        var own = Environment.GetEnvironmentVariable("CNI_NETNS_OVERRIDE") is "1" or "true" or "TRUE" or "True";
        return Dispatch(new Invocation(environment, config, head, paths, own));
    }

    private static Output Dispatch(Invocation invocation) => invocation.Environment.Command switch
    {
        CniCommand.Add => AddCommand.Run(invocation),
        CniCommand.Del => DelCommand.Run(invocation, TimeProvider.System),
        CniCommand.Check => CheckCommand.Run(invocation),
        CniCommand.Gc => GcCommand.Run(invocation),
        _ => StatusCommand.Run(invocation, TimeProvider.System),
    };
}
