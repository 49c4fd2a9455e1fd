using System.Buffers;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink;

internal sealed unsafe partial class NetlinkSocket
{
    /// <summary>Asks a question of at most 512 bytes; the handler gets the answer. Returns the refusal, or null.</summary>
    public NetlinkFailure? Ask(NetlinkQuestion question, NetlinkMessageHandler handler)
    {
        var writer = Write(stackalloc byte[512]);
        question(ref writer);
        return Query(writer, handler);
    }

    /// <summary>More refusals than this are not collected.</summary>
    private const int MaxRefusals = 64;

    /// <summary>
    /// Sends messages that the kernel carries out together or not at all: the first begins the batch, the last ends it, the
    /// last but one asks for an acknowledgement. Returns the refusals; none means that all is done.
    /// </summary>
    public IReadOnlyList<NetlinkFailure> SendTransaction(scoped in NetlinkWriter batch)
    {
        if (batch.Count < 3)
            throw new InvalidOperationException($"A transaction has a beginning, an end and something between, not {batch.Count} messages.");
        Transmit(batch);
        var awaited = batch.FirstSequence + (uint)batch.Count - 2;
        var failures = new List<NetlinkFailure>();
        var buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        try
        {
            while (true)
            {
                var messages = new NetlinkMessages(buffer.AsSpan(0, Receive(buffer)));
                while (messages.MoveNext())
                {
                    var index = messages.Header.Sequence - batch.FirstSequence;
                    if (messages.Header.Type != MessageType.Error || index >= (uint)batch.Count)
                        continue;
                    var failure = NetlinkFailure.Parse(messages.Header, messages.Payload, (int)index, TypeOf(batch.Written, (int)index));
                    if (failure is not null && failures.Count < MaxRefusals)
                        failures.Add(failure);
                    // A refusal of the beginning is one of the whole: nothing else need be answered.
                    if (messages.Header.Sequence == awaited || (index == 0 && failure is not null))
                        return failures;
                }
                RefuseMalformed(messages);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
