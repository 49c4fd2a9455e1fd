using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation.Checkpoint;

/// <summary>One decoded record: an address's, a forgotten address, or the meta data.</summary>
internal readonly record struct JournalRecord(LedgerRecord? Entry, IpAddress Dropped, LedgerMeta? Meta);
