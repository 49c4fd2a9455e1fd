namespace Vnetcni.ArmSimulator.Invariants;

/// <summary>A broken invariant: of Azure's own rules (a bug of the simulator) or of what a client must leave alone.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="At">When, on the simulator's clock.</param>
/// <param name="Invariant">AddressTwice, NicLimit, VmLimit, SubnetCapacity, VnetLimit, OnePrimary, OneSubnet, EqualGroups, EqualEtags, ForeignTouched, PropertyLost, PropertyAdded or Replay.</param>
/// <param name="Resource">Id of the NIC, subnet or VNet.</param>
/// <param name="Message">What is wrong, with values.</param>
public sealed record Violation(long Number, DateTimeOffset At, string Invariant, string Resource, string Message);
