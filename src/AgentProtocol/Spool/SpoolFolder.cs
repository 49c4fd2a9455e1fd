using Vnetcni.AgentProtocol.Unix;

namespace Vnetcni.AgentProtocol.Spool;

/// <summary>The folder of recorded DELs: the binary writes, the agent reads and removes.</summary>
/// <param name="path">The folder; made with mode 0700 at the first write.</param>
public sealed class SpoolFolder(string path)
{
    /// <summary>Ending of an entry's file.</summary>
    public const string Extension = ".del";

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

    /// <summary>Whether a DEL of that owner is recorded.</summary>
    public bool Has(string network, string containerId, string interfaceName) =>
        File.Exists(FileOf(network, containerId, interfaceName));

    /// <summary>The path of that owner's entry, whether it exists or not.</summary>
    public string FileOf(string network, string containerId, string interfaceName) =>
        Path.Combine(_path, SpoolEntry.FileName(network, containerId, interfaceName));

    /// <summary>
    /// All entries in order of their names, with null for a file that is not one. Files without the
    /// ending are not looked at, one that can't be opened now is left for the next time; a missing folder is an empty one.
    /// </summary>
    public IReadOnlyList<(string File, SpoolEntry? Entry)> Read()
    {
        if (!Directory.Exists(_path))
            return [];
        var files = Directory.EnumerateFiles(_path, "*" + Extension).Take(MostFiles).Order(StringComparer.Ordinal);
        List<(string File, SpoolEntry? Entry)> entries = [];
        foreach (var file in files)
        {
            if (TryReadEntry(file, out var entry))
                entries.Add((file, entry));
        }

        return entries;
    }

    /// <summary>Files that writers left half-written; old ones may be removed.</summary>
    public IReadOnlyList<string> Temporaries() =>
        Directory.Exists(_path) ? [.. Directory.EnumerateFiles(_path, "*" + TemporaryExtension).Take(MostFiles)] : [];

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
