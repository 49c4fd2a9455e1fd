namespace Vnetcni.Ipam.Ledger.Leaks;

/// <summary>What the container runtime says about one sandbox.</summary>
public enum SandboxWord
{
    /// <summary>No runtime is asked on this node.</summary>
    NoWitness,

    /// <summary>The runtime did not answer: nothing may be concluded.</summary>
    Silent,

    /// <summary>It runs.</summary>
    Lives,

    /// <summary>The runtime knows it, and it does not run any more.</summary>
    Stopped,

    /// <summary>The runtime does not know it.</summary>
    Gone,
}

/// <summary>One answer of the container runtime to the question which sandboxes there are: the third witness, beside ledger and kernel.</summary>
public sealed class SandboxWitness
{
    private readonly IReadOnlyDictionary<string, bool>? _running;
    private readonly SandboxWord _otherwise;

    private SandboxWitness(IReadOnlyDictionary<string, bool>? running, SandboxWord otherwise) =>
        (_running, _otherwise) = (running, otherwise);

    /// <summary>No runtime is asked on this node.</summary>
    public static SandboxWitness None { get; } = new(null, SandboxWord.NoWitness);

    /// <summary>The runtime did not answer.</summary>
    public static SandboxWitness Silent { get; } = new(null, SandboxWord.Silent);

    /// <summary>How many sandboxes the runtime knows; null when it did not say.</summary>
    public int? Count => _running?.Count;

    /// <summary>A whole list.</summary>
    /// <param name="running">Every sandbox by its id, and whether it runs.</param>
    public static SandboxWitness Listing(IReadOnlyDictionary<string, bool> running)
    {
        ArgumentNullException.ThrowIfNull(running);
        return new SandboxWitness(running, SandboxWord.Gone);
    }

    /// <summary>What it says about one sandbox: the container id of an owner.</summary>
    public SandboxWord WordOn(string containerId) =>
        _running is not null && _running.TryGetValue(containerId, out var runs) ? runs ? SandboxWord.Lives : SandboxWord.Stopped : _otherwise;
}
