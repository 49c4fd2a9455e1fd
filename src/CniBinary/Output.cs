namespace Vnetcni.CniBinary;

/// <summary>What the process ends with.</summary>
/// <param name="ExitCode">0 on success.</param>
/// <param name="Text">For stdout: the result or the error, nothing else.</param>
internal sealed record Output(int ExitCode, ReadOnlyMemory<byte> Text)
{
    public static Output Silent { get; } = new(0, ReadOnlyMemory<byte>.Empty);
}
