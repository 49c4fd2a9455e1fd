using Vnetcni.AgentProtocol.Unix;

namespace Vnetcni.AgentProtocol.Spool;

/// <summary>The folder of recorded DELs: the binary writes, the agent reads and removes.</summary>
/// <param name="path">The folder; made with mode 0700 at the first write.</param>
public sealed class SpoolFolder(string path)
{
    /// <summary>Ending of an entry's file.</summary>
    public const string Extension = ".del";

    /// <summary>Ending of an entry that the agent has taken and not done yet: no writer touches it any more.</summary>
    public const string TakenExtension = ".taken";

    /// <summary>Ending of a file that is being written.</summary>
    public const string TemporaryExtension = ".tmp";

    // What a full node could leave behind many times over; more is a fault elsewhere and is read in the next round.
    private const int MostFiles = 10_000;

    private readonly string _path = path;

    /// <summary>Records a DEL: a temporary file of mode 0600, then a rename, so that a reader never sees half of it.</summary>
    /// <returns>The file's path.</returns>
    /// <exception cref="CniException">Io: it could not be written; the DEL is not recorded.</exception>
    public string Write(SpoolEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var file = FileOf(entry.Network, entry.ContainerId, entry.InterfaceName);
        var temporary = $"{file}.{Environment.ProcessId}{TemporaryExtension}";
        try
        {
            PrivateFolder.Make(_path);
            PrivateFile.Write(temporary, entry.ToJson());
            File.Move(temporary, file, overwrite: true);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CniException(
                CniErrorCode.Io, "the DEL could not be recorded", $"writing {file} failed: {e.Message}; the runtime has to repeat the DEL");
        }
    }

    /// <summary>Whether a DEL of that owner is recorded, taken or not.</summary>
    public bool Has(string network, string containerId, string interfaceName)
    {
        // In this order: a file that is being taken is seen under one name or the other.
        var file = FileOf(network, containerId, interfaceName);
        return File.Exists(file) || File.Exists(file + TakenExtension);
    }

    /// <summary>The path of that owner's entry, whether it exists or not.</summary>
    public string FileOf(string network, string containerId, string interfaceName) =>
        Path.Combine(_path, SpoolEntry.FileName(network, containerId, interfaceName));

    /// <summary>
    /// All entries in order of their names, with null for a file that is not one. Files without the
    /// ending are not looked at, one that can't be opened now is left for the next time; a missing folder is an empty one.
    /// </summary>
    public IReadOnlyList<(string File, SpoolEntry? Entry)> Read()
    {
        List<(string File, SpoolEntry? Entry)> entries = [];
        foreach (var file in List(Extension))
        {
            if (TryReadEntry(file, out var entry))
                entries.Add((file, entry));
        }

        return entries;
    }

    /// <summary>The files of all entries in order of their names, whether recorded or taken, each without the ending of a taken one.</summary>
    public IReadOnlyList<string> Pending() =>
        [.. List(Extension).Concat(List(TakenExtension).Select(file => file[..^TakenExtension.Length])).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// Takes an entry away from the writers: from here on a DEL of the same owner is recorded beside it, and removing what was
    /// taken never removes that one. An entry taken before and not done gives way to a newer one of the same owner.
    /// </summary>
    /// <param name="file">As <see cref="Pending"/> or <see cref="FileOf"/> gave it.</param>
    /// <param name="taken">The path to remove once it is done.</param>
    /// <param name="entry">Null when the bytes are no entry.</param>
    /// <returns>False when there is none, or it can't be opened now; then it is there the next time.</returns>
    public static bool TryTake(string file, out string taken, out SpoolEntry? entry)
    {
        taken = file + TakenExtension;
        entry = null;
        try
        {
            if (File.Exists(file))
                File.Move(file, taken, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Somebody else took it: what they left, if anything, is under the other name.
        }

        return TryReadEntry(taken, out entry);
    }

    /// <summary>Files that writers left half-written; old ones may be removed.</summary>
    public IReadOnlyList<string> Temporaries() => List(TemporaryExtension);

    private IReadOnlyList<string> List(string ending) =>
        Directory.Exists(_path) ? [.. Directory.EnumerateFiles(_path, "*" + ending).Take(MostFiles).Order(StringComparer.Ordinal)] : [];

    private static bool TryReadEntry(string file, out SpoolEntry? entry)
    {
        entry = null;
        try
        {
            using var handle = File.OpenHandle(file);
            var buffer = new byte[SpoolEntry.LongestFile];
            var read = RandomAccess.Read(handle, buffer, 0);
            entry = read == buffer.Length ? null : SpoolEntry.Parse(buffer.AsSpan(0, read));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or out of descriptors: that says nothing about what is in it.
            return false;
        }
    }
}
