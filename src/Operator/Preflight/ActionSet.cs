namespace Vnetcni.Operator.Preflight;

/// <summary>
/// Actions with exceptions, as roles and deny assignments give them: <c>*</c> stands for any characters, slashes included, case is ignored.
/// Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions
/// </summary>
/// <param name="Actions">What it covers.</param>
/// <param name="NotActions">What is taken out of that again.</param>
internal sealed record ActionSet(IReadOnlyList<string> Actions, IReadOnlyList<string> NotActions)
{
    internal bool Covers(string action) => Actions.Any(pattern => Matches(pattern, action)) && !NotActions.Any(pattern => Matches(pattern, action));

    /// <summary>Compares without recursion: a pattern from outside costs at most its length times the action's.</summary>
    internal static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> action)
    {
        int p = 0, a = 0, star = -1, mark = 0;
        while (a < action.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = a;
            }
            else if (p < pattern.Length && char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(action[a]))
            {
                p++;
                a++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                a = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }
}
