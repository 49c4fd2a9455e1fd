using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>A simulator behind three listeners: ARM over https, instance metadata and the admin API over http.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly List<Listener> _listeners = [];
    private readonly X509Certificate2 _certificate;
    private readonly StreamWriter? _journal;

    private SimulatorHost(HostOptions options)
    {
        Clock = new ScaledTimeProvider(TimeProvider.System, options.Speed);
        _journal = options.JournalFile is null ? null : new StreamWriter(options.JournalFile, append: false);
        Arm = new SimulatedArm(Clock, options.Seed, options.Settings, _journal);
        _certificate = ServerCertificate.Create(["localhost", "127.0.0.1", "::1", .. options.Names], TimeProvider.System.GetUtcNow());
        CertificatePem = _certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>The simulator itself.</summary>
    public SimulatedArm Arm { get; }

    /// <summary>Its clock.</summary>
    public ScaledTimeProvider Clock { get; }

    /// <summary>The certificate to pin, as PEM.</summary>
    public string CertificatePem { get; }

    /// <summary>Where ARM listens.</summary>
    public Uri ArmUri { get; private set; } = new("https://localhost/");

    /// <summary>Where the admin API listens.</summary>
    public Uri AdminUri { get; private set; } = new("http://localhost/");

    /// <summary>Where the instance metadata service listens.</summary>
    public Uri ImdsUri { get; private set; } = new("http://localhost/");

    /// <summary>
    /// Starts everything and writes the certificate and the ready file. Throws <see cref="IOException"/> when a port is
    /// taken or a file cannot be written, <see cref="Seeding.ScenarioException"/> when the scenario cannot be built.
    /// </summary>
    public static async Task<SimulatorHost> StartAsync(HostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = new SimulatorHost(options);
        try
        {
            await host.ListenAsync(options, cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the listeners and the simulator's timers.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
            await listener.DisposeAsync();
        Arm.Dispose();
        if (_journal is not null)
            await _journal.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task ListenAsync(HostOptions options, CancellationToken cancellationToken)
    {
        if (options.Scenario is not null)
            Arm.Seed(options.Scenario);
        foreach (var fault in options.Faults)
            Arm.AddFault(fault);
        var arm = await AddAsync(options.Bind, options.ArmPort, _certificate, new ArmEndpoint(Arm).HandleAsync, cancellationToken);
        var admin = await AddAsync(options.AdminBind, options.AdminPort, null, new AdminEndpoint(Arm, Clock).HandleAsync, cancellationToken);
        var imds = await AddAsync(options.Bind, options.ImdsPort, null, new ImdsEndpoint(Arm, options.ImdsVm).HandleAsync, cancellationToken);
        ArmUri = Address("https", options.Bind, arm);
        AdminUri = Address("http", options.AdminBind, admin);
        ImdsUri = Address("http", options.Bind, imds);

        if (options.CertificateOut is not null)
            await WriteFileAsync(options.CertificateOut, CertificatePem, cancellationToken);
        if (options.ReadyFile is not null)
        {
            var ready = new Ready(
                arm, admin, imds, ArmUri.ToString(), AdminUri.ToString(), ImdsUri.ToString(),
                options.CertificateOut is null ? null : Path.GetFullPath(options.CertificateOut), Environment.ProcessId);
            await WriteFileAsync(options.ReadyFile, JsonSerializer.Serialize(ready, SimJson.Default.Ready), cancellationToken);
        }
    }

    private async Task<int> AddAsync(
        IPAddress address, int port, X509Certificate2? certificate, Microsoft.AspNetCore.Http.RequestDelegate handler, CancellationToken cancellationToken)
    {
        var listener = await Listener.StartAsync(new IPEndPoint(address, port), certificate, handler, cancellationToken);
        _listeners.Add(listener);
        return listener.Port;
    }

    // Renamed into place: whoever waits for the file reads all of it.
    private static async Task WriteFileAsync(string path, string text, CancellationToken cancellationToken)
    {
        var temporary = path + ".tmp";
        await File.WriteAllTextAsync(temporary, text, cancellationToken);
        File.Move(temporary, path, overwrite: true);
    }

    private static Uri Address(string scheme, IPAddress bind, int port)
    {
        var host = IPAddress.Any.Equals(bind) || IPAddress.IPv6Any.Equals(bind) ? "localhost"
            : bind.ToString() is var text && text.Contains(':', StringComparison.Ordinal) ? $"[{text}]" : text;
        return new Uri($"{scheme}://{host}:{port.ToString(CultureInfo.InvariantCulture)}/");
    }
}
