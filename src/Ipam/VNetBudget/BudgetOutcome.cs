namespace Vnetcni.Ipam.VNetBudget;

/// <summary>What became of a request, once the round is written.</summary>
public abstract record BudgetOutcome;

/// <summary>A reservation stands.</summary>
/// <param name="Reservation">The reservation.</param>
/// <param name="Bound">What kept it from being larger.</param>
public sealed record Reserved(Reservation Reservation, Bound Bound) : BudgetOutcome;

/// <summary>Nothing can be granted now.</summary>
/// <param name="Bound">Why.</param>
public sealed record Refused(Bound Bound) : BudgetOutcome;

/// <summary>The budget itself cannot be used: its object breaks a rule, or goes.</summary>
/// <param name="Why">Cause and next step.</param>
/// <param name="Passing">Whether that ends by itself.</param>
public sealed record Unusable(string Why, bool Passing) : BudgetOutcome;

/// <summary>A settlement, a closing or a drop is done.</summary>
public sealed record Done : BudgetOutcome;

/// <summary>The budget has moved since the request was computed: read again, decide again.</summary>
public sealed record Outdated : BudgetOutcome;
