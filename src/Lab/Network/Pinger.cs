using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vnetcni.Lab.Network;

/// <summary>Sends ICMP echo requests from inside a network namespace, to many addresses at once.</summary>
internal static partial class Pinger
{
    private const int CloneNewNet = 0x40000000;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// Pings every target from <paramref name="from"/>; a target that stays silent is asked again in each of
    /// <paramref name="rounds"/> rounds. Returns the targets that never answered.
    /// </summary>
    public static Task<IReadOnlyList<IPAddress>> PingAllAsync(NetworkNamespace from, IReadOnlyList<IPAddress> targets, int rounds = 5)
    {
        var done = new TaskCompletionSource<IReadOnlyList<IPAddress>>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A thread of its own: it enters the namespace and never returns to the pool.
        var thread = new Thread(() =>
        {
            try
            {
                Enter(from);
                done.SetResult(PingAll(targets, rounds));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = $"ping {from.Name}" };
        thread.Start();
        return done.Task;
    }

    private static void Enter(NetworkNamespace target)
    {
        using var file = File.OpenHandle(target.Path);
        if (SetNs(file, CloneNewNet) != 0)
            throw new IOException($"setns {target.Path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static IPAddress[] PingAll(IReadOnlyList<IPAddress> targets, int rounds)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp);
        var silent = new Dictionary<IPAddress, ushort>();
        for (var i = 0; i < targets.Count; i++)
            silent[targets[i]] = (ushort)(i + 1);

        var buffer = new byte[2048];
        for (var round = 0; round < rounds && silent.Count > 0; round++)
        {
            foreach (var (address, sequence) in silent)
                Send(socket, address, sequence);

            var start = TimeProvider.System.GetTimestamp();
            while (silent.Count > 0)
            {
                var left = Round - TimeProvider.System.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !socket.Poll(left, SelectMode.SelectRead))
                    break;
                EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
                var length = socket.ReceiveFrom(buffer, ref sender);
                if (IsEchoReply(buffer.AsSpan(0, length)))
                    silent.Remove(((IPEndPoint)sender).Address);
            }
        }

        return [.. silent.Keys];
    }

    private static void Send(Socket socket, IPAddress address, ushort sequence)
    {
        Span<byte> packet = stackalloc byte[16];
        packet.Clear();
        packet[0] = 8; // echo request, RFC 792
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], 0x7663);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], Checksum(packet));
        try
        {
            socket.SendTo(packet, new IPEndPoint(address, 0));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostUnreachable or SocketError.NetworkUnreachable)
        {
            // No route yet: the target counts as silent and is asked again in the next round.
            _ = e;
        }
    }

    private static bool IsEchoReply(ReadOnlySpan<byte> packet)
    {
        var header = packet.Length >= 20 ? (packet[0] & 0x0f) * 4 : int.MaxValue;
        return packet.Length >= header + 8L && packet[header] == 0
            && BinaryPrimitives.ReadUInt16BigEndian(packet[(header + 4)..]) == 0x7663;
    }

    private static ushort Checksum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (var i = 0; i < data.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(data[i..]);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~(sum + (sum >> 16));
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(SafeHandle descriptor, int kind);
}
