namespace Vnetcni.Lab.Soak.Truth;

/// <summary>A promise that was broken.</summary>
/// <param name="Rule">Which promise.</param>
/// <param name="Story">What was seen, with the moments, for people.</param>
internal sealed record SoakViolation(string Rule, string Story);
