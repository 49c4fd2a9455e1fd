using System.Globalization;
using System.Text;

namespace Vnetcni.Ipam.Tests.Exploration.Node;

internal sealed partial class NodeWorld
{
    public string Show(in PackedState packed)
    {
        var state = NodePacking.Unpack(packed);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"nic {Nic(state.Nic)}{(state.Busy ? $" (was {Nic(state.Before)})" : "")}");
        text.Append(" list [");
        text.AppendJoin(' ', Addresses().Where(a => state.Pool.State(a) != 0).Select(a => state.Pool.State(a) == 2 ? $"{a}:Releasing" : $"{a}"));
        text.Append(CultureInfo.InvariantCulture, $"] desired {(state.Pool.Desired == 0 ? "-" : state.Pool.Desired - 1)} releasable {Set(state.Pool.Releasable)}");
        text.Append(CultureInfo.InvariantCulture, $" used {state.Used}");
        if (state.Reservation.Open)
            text.Append(CultureInfo.InvariantCulture, $" reserved {state.Reservation.Base}..{state.Reservation.Ceiling}{(state.Reservation.Etag == 0 ? "" : " moved")}");
        text.Append(CultureInfo.InvariantCulture, $" pods {state.Pods} live {Set(state.Live)} ledger [");
        text.AppendJoin(' ', Addresses().Where(a => LedgerMoves.StateOf(state.Agent.Ledger, a) is not null)
            .Select(a => $"{a}:{LedgerMoves.StateOf(state.Agent.Ledger, a)}"));
        return text.Append(LedgerMoves.IsFenced(state.Agent.Ledger) ? "]" : "] unfenced").ToString();
    }

    private static IEnumerable<int> Addresses() => Enumerable.Range(0, NodeState.Addresses);

    private static string Set(int mask) => $"{{{string.Join(' ', Addresses().Where(a => (mask >> a & 1) != 0))}}}";

    private static string Nic(int nic) => $"[{string.Join(' ', Enumerable.Range(0, NodeState.Slots).Where(s => NodeState.At(nic, s) >= 0).Select(s => $"slot{s}={NodeState.At(nic, s)}"))}]";
}
