using Vnetcni.ArmSimulator.Addresses;

namespace Vnetcni.ArmSimulator.Http;

/// <summary>What the program prints once it listens.</summary>
internal static class Greeting
{
    public static string Text(SimulatorHost host, HostOptions options)
    {
        var trust = options.CertificateOut is null ? "-k" : $"--cacert {options.CertificateOut}";
        var arm = host.ArmUri.ToString().TrimEnd('/');
        AddressEntry? first = host.Arm.Addresses.Addresses is [var entry, ..] ? entry : null;
        var text = $"""
            ARM      {host.ArmUri}   (https, any bearer token)
            admin    {host.AdminUri}_sim
            metadata {host.ImdsUri}vm/NAME/metadata/instance/network
            """;
        if (first is not null)
        {
            text += $"""


                Try:
                  curl {trust} -H 'Authorization: Bearer x' '{arm}{first.Nic}?api-version=2025-05-01'
                  curl {host.AdminUri}_sim/addresses
                """;
        }

        return text + "\n\nCtrl+C stops it; the exit code is 1 if an invariant was broken.\n";
    }
}
