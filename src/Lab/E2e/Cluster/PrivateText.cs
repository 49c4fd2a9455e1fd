namespace Vnetcni.Lab.E2e.Cluster;

/// <summary>Files that only their owner reads.</summary>
internal static class PrivateText
{
    /// <summary>Writes the file anew with mode 0600.</summary>
    public static void Write(string file, string text)
    {
        File.Delete(file);
        using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        using var writer = new StreamWriter(stream);
        writer.Write(text);
    }
}
