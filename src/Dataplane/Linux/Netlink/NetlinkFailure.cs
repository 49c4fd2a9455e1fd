using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink;

/// <summary>The kernel's refusal of one message.</summary>
/// <param name="Index">Which message of the batch, from 0.</param>
/// <param name="Type">Its type.</param>
/// <param name="Errno">Positive errno.</param>
/// <param name="Text">The kernel's own words (extended acknowledgement), or empty.</param>
internal sealed record NetlinkFailure(int Index, ushort Type, int Errno, string Text)
{
    /// <summary>An exception that says what was tried.</summary>
    public DataplaneException ToException(string doing, DataplaneFault fault = DataplaneFault.Kernel)
    {
        var words = Text.Length > 0 ? $": {Text}" : "";
        return new DataplaneException(fault, $"{doing}: {MessageType.Name(Type)} failed with {Linux.Errno.Describe(Errno)}{words}", Errno);
    }

    /// <summary>
    /// Reads an NLMSG_ERROR payload; null when it is an acknowledgement. The text's place depends on the header's flags:
    /// after the echoed request, or right after nlmsgerr when the echo was capped.
    /// </summary>
    public static NetlinkFailure? Parse(in MessageHeader header, ReadOnlySpan<byte> payload, int index, ushort type)
    {
        if (!MemoryMarshal.TryRead(payload, out ErrorMessage message))
            return new NetlinkFailure(index, type, Linux.Errno.BadMessage, "the error message is cut short");
        if (message.Error == 0)
            return null;
        var text = "";
        if ((header.Flags & MessageFlags.AckAttributes) != 0)
        {
            long start = Unsafe.SizeOf<ErrorMessage>();
            if ((header.Flags & MessageFlags.Capped) == 0)
                start += ((long)message.Request.Length + 3 & ~3L) - Unsafe.SizeOf<MessageHeader>();
            text = FindText(payload[(int)Math.Clamp(start, 0, payload.Length)..]);
        }
        return new NetlinkFailure(index, type, ErrnoOf(message.Error), text);
    }

    /// <summary>The errno of a negative result; EBADMSG for a number that is none.</summary>
    public static int ErrnoOf(int result) => result is < 0 and > int.MinValue ? -result : Linux.Errno.BadMessage;

    private static string FindText(ReadOnlySpan<byte> bytes)
    {
        var attributes = new NetlinkAttributes(bytes);
        while (attributes.MoveNext())
        {
            if (attributes.Type == ErrorAttribute.Text)
                return attributes.Text;
        }
        return "";
    }
}
