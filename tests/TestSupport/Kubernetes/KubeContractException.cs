namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>An API server that does not do what the product relies on.</summary>
public sealed class KubeContractException(string message) : Exception(message);
