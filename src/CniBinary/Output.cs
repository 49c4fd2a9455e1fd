namespace Vnetcni.CniBinary;

/// <summary>What the process ends with.</summary>
/// <param name="ExitCode">0 on success.</param>
/// <param name="Text">For stdout: the result or the error, nothing else.</param>
internal sealed record Output(int ExitCode, ReadOnlyMemory<byte> Text)
{
    /// <summary>The agent is of a release that does not understand this binary: it has done nothing.</summary>
    public bool NotUnderstood { get; init; }

    public static Output Silent { get; } = new(0, ReadOnlyMemory<byte>.Empty);
}
