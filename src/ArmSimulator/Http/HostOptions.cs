using System.Net;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>How to serve a simulator over HTTP.</summary>
public sealed record HostOptions
{
    /// <summary>Address of the ARM and IMDS listeners.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>Address of the admin listener, which has no authentication.</summary>
    public IPAddress AdminBind { get; init; } = IPAddress.Loopback;

    /// <summary>Port of ARM (https); 0 takes a free one.</summary>
    public int ArmPort { get; init; }

    /// <summary>Port of the admin API (http); 0 takes a free one.</summary>
    public int AdminPort { get; init; }

    /// <summary>Port of the instance metadata service (http); 0 takes a free one.</summary>
    public int ImdsPort { get; init; }

    /// <summary>Names and addresses in the certificate beside localhost, 127.0.0.1 and ::1.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>File that gets the certificate as PEM, or null.</summary>
    public string? CertificateOut { get; init; }

    /// <summary>File that gets the ports as JSON once all listen, or null.</summary>
    public string? ReadyFile { get; init; }

    /// <summary>Resources to start with.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>Fault rules to start with.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>File that gets every event, to be replayed, or null.</summary>
    public string? JournalFile { get; init; }

    /// <summary>A journal to replay instead of serving, or null.</summary>
    public string? ReplayFile { get; init; }

    /// <summary>Seed of all chance.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Seconds of the simulator's clock per real second.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>VM whose metadata is answered on paths without a VM, or null.</summary>
    public string? ImdsVm { get; init; }

    /// <summary>The simulator's settings.</summary>
    public SimSettings Settings { get; init; } = new() { RequireAuthorization = true };
}
