namespace Vnetcni.Lab.Processes;

/// <summary>Waits for conditions, generously: the machine is small and does other work.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks until the answer is null. A command that fails counts as an answer. Throws <see cref="ShellException"/> with the last answer.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> ForAsync(string what, TimeSpan patience, Func<Task<string?>> complaint, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string? wrong;
            try
            {
                wrong = await complaint();
            }
            catch (ShellException e)
            {
                wrong = e.Message;
            }

            var took = TimeProvider.System.GetElapsedTime(start);
            if (wrong is null)
                return took;
            if (took > patience)
                throw new ShellException($"{what}: after {took.TotalSeconds:0} s {wrong}");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
