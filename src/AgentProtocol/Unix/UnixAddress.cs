using System.Text;

namespace Vnetcni.AgentProtocol.Unix;

/// <summary>struct sockaddr_un of a path.</summary>
internal static class UnixAddress
{
    public const int Size = 110;

    /// <summary>Fills <paramref name="address"/> (at least <see cref="Size"/> bytes); gives the length to pass on.</summary>
    public static int Write(string path, Span<byte> address)
    {
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)LibcConstants.AddressFamilyUnix);
        return 2 + Encoding.UTF8.GetBytes(path, address[2..(Size - 1)]) + 1;
    }
}
