using System.Globalization;
using System.Net;
using System.Text.Json;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>A command line that cannot be understood; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Reads the arguments.</summary>
internal static class CommandLine
{
    public const string Help = """
        An Azure Resource Manager that enforces Azure's limits for NICs and their ipConfigurations, on this machine.

        Usage: armsim [options]

          --scenario FILE        resources to start with (JSON); without it: one VNet and three VMs
          --faults FILE          fault plan to start with (YAML, docs/arm-simulator.md); may be repeated
          --journal FILE         writes every event there, for --replay
          --replay FILE          does a journal again, compares all answers and the state, and ends: 0 equal, 1 not
          --arm-port N           ARM, https (default 8443; 0 takes a free port)
          --admin-port N         admin API /_sim, http (default 8444)
          --imds-port N          instance metadata, http (default 8445)
          --bind ADDRESS         address of ARM and instance metadata (default 127.0.0.1)
          --admin-bind ADDRESS   address of the admin API, which has no authentication (default 127.0.0.1)
          --san NAME             further name or address in the certificate; may be repeated
          --cert-out FILE        writes the certificate there (PEM), for clients to pin
          --ready-file FILE      writes ports and addresses there (JSON) once all listen
          --seed N               seed of all chance (default 1)
          --speed X              the simulator's clock runs X times as fast (default 1)
          --latency-scale X      multiplies the time that operations take (default 1; 0.02 suits a demo)
          --concurrent-put MODE  reject429 (default), supersede or conflict409
          --assignment MODE      lowestFree (default), randomFree or nextFit
          --freed-addresses MODE who may have what a PUT gives back: nextWrite, lastResort (default) or atOnce
          --no-throttle          no request quotas
          --imds-vm NAME         VM whose metadata is answered on paths without a VM
          --help                 this text

        """;

    /// <summary>Throws <see cref="UsageException"/>.</summary>
    public static HostOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new HostOptions { ArmPort = 8443, AdminPort = 8444, ImdsPort = 8445, Scenario = Samples.ThreeNodes };
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name == "--no-throttle")
            {
                options = options with { Settings = options.Settings with { Throttle = options.Settings.Throttle with { Enabled = false } } };
                continue;
            }

            if (i + 1 == arguments.Count)
                throw new UsageException(name.StartsWith("--", StringComparison.Ordinal) ? $"{name} is unknown or lacks its value; --help lists the options." : $"\"{name}\" is not an option; --help lists them.");
            options = Apply(options, name, arguments[++i]);
        }

        return options;
    }

    private static HostOptions Apply(HostOptions options, string name, string value)
    {
        var settings = options.Settings;
        return name switch
        {
            "--scenario" => options with { Scenario = ReadScenario(value) },
            "--faults" => options with { Faults = [.. options.Faults, .. ReadPlan(value)] },
            "--journal" => options with { JournalFile = value },
            "--replay" => options with { ReplayFile = File.Exists(value) ? value : throw Bad(name, value, "a file that exists") },
            "--arm-port" => options with { ArmPort = Port(name, value) },
            "--admin-port" => options with { AdminPort = Port(name, value) },
            "--imds-port" => options with { ImdsPort = Port(name, value) },
            "--bind" => options with { Bind = Address(name, value) },
            "--admin-bind" => options with { AdminBind = Address(name, value) },
            "--san" => options with { Names = [.. options.Names, SubjectName(value)] },
            "--cert-out" => options with { CertificateOut = value },
            "--ready-file" => options with { ReadyFile = value },
            "--seed" => options with { Seed = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : throw Bad(name, value, "a whole number of at least 0") },
            "--speed" => options with { Speed = Number(name, value, 0.01, 10_000) },
            "--latency-scale" => options with { Settings = settings with { Latency = settings.Latency with { Scale = Number(name, value, 0, 1_000) } } },
            "--concurrent-put" => options with { Settings = settings with { ConcurrentPut = OneOf<ConcurrentPutMode>(name, value) } },
            "--assignment" => options with { Settings = settings with { Assignment = OneOf<AddressAssignment>(name, value) } },
            "--freed-addresses" => options with { Settings = settings with { FreedAddresses = OneOf<FreedAddresses>(name, value) } },
            "--imds-vm" => options with { ImdsVm = value },
            _ => throw new UsageException($"\"{name}\" is not an option; --help lists them."),
        };
    }

    private static Scenario ReadScenario(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), SimJson.Default.Scenario) ?? throw new UsageException($"--scenario {file}: the file holds null.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UsageException($"--scenario {file}: {e.Message}");
        }
    }

    private static IReadOnlyList<Fault> ReadPlan(string file)
    {
        try
        {
            return FaultPlan.Parse(File.ReadAllText(file), file).Faults;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FaultPlanException)
        {
            throw new UsageException($"--faults {e.Message}");
        }
    }

    private static int Port(string name, string value) => (int)Number(name, value, 0, 65_535, whole: true);

    private static double Number(string name, string value, double least, double most, bool whole = false) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number >= least && number <= most && (!whole || number == Math.Floor(number))
            ? number
            : throw Bad(name, value, string.Create(CultureInfo.InvariantCulture, $"a {(whole ? "whole " : "")}number from {least} to {most}"));

    private static IPAddress Address(string name, string value) =>
        IPAddress.TryParse(value, out var address) ? address : throw Bad(name, value, "an IP address");

    private static string SubjectName(string value) =>
        IPAddress.TryParse(value, out _) || Uri.CheckHostName(value) == UriHostNameType.Dns ? value : throw Bad("--san", value, "a host name or an IP address");

    private static T OneOf<T>(string name, string value)
        where T : struct, Enum =>
        !char.IsAsciiDigit(value.FirstOrDefault()) && Enum.TryParse<T>(value, ignoreCase: true, out var mode) && Enum.IsDefined(mode)
            ? mode
            : throw Bad(name, value, "one of " + string.Join(", ", Enum.GetNames<T>()));

    private static UsageException Bad(string name, string value, string wanted) => new($"{name} \"{value}\": must be {wanted}.");
}
