namespace Vnetcni.Lab.E2e;

/// <summary>What <c>lab e2e</c> is asked for.</summary>
/// <param name="Root">Root of the checkout.</param>
/// <param name="Folder">State of the cluster, on a file system that overlayfs takes as an upper layer.</param>
/// <param name="Programs">Folder with kubelet, kube-proxy, kube-controller-manager and kube-scheduler.</param>
/// <param name="Helm">The helm to install with.</param>
/// <param name="Images">Image archives that every node loads.</param>
/// <param name="Only">Names of the parts to play; empty = all.</param>
/// <param name="Keep">Leave everything running.</param>
/// <param name="Plain">No colours.</param>
internal sealed record E2eOptions(
    string Root, string Folder, string Programs, string Helm, IReadOnlyList<string> Images, IReadOnlyList<string> Only, bool Keep, bool Plain);
