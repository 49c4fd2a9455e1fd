using System.Text;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Writes the kubeconfig that leads to this server.</summary>
internal static class KubeConfigFile
{
    /// <summary>The text: the server's URL, the authority to trust and the token that opens it.</summary>
    public static string Text(Uri server, string authorityPem, string token) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: vnetcni-lab
          cluster:
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem))}
            server: {server.OriginalString}
        contexts:
        - name: vnetcni-lab
          context:
            cluster: vnetcni-lab
            user: vnetcni-lab
        current-context: vnetcni-lab
        users:
        - name: vnetcni-lab
          user:
            token: {token}

        """;

    /// <summary>Writes it so that only the owner reads it, renamed into place whole.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new StreamWriter(fresh, options))
            await file.WriteAsync(text.AsMemory(), cancellationToken);
        File.Move(fresh, path, overwrite: true);
    }
}
