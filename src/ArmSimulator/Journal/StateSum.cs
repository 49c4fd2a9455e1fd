using System.Security.Cryptography;
using System.Text;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Journal;

/// <summary>One number for all that a client could read: interfaces, machines, networks with their bookings.</summary>
internal static class StateSum
{
    public static string Of(World world)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, nic) in world.Nics)
        {
            Add(key);
            Add(nic.Etag);
            hash.AppendData(nic.Body);
        }

        foreach (var vm in world.Vms.Values)
            hash.AppendData(Json.Utf8(vm.Render(withInstanceView: true)));
        foreach (var vnet in world.Vnets.Values)
            hash.AppendData(Json.Utf8(vnet.Render(int.MaxValue)));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 12));

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
    }
}
