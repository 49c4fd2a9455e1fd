namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>One promise of a Kubernetes API server that our code or kubectl builds on.</summary>
/// <param name="Name">Area and promise in plain words; unique.</param>
/// <param name="RunAsync">Tries it; throws <see cref="KubeContractException"/> where it is broken.</param>
public sealed record ContractCase(string Name, Func<ContractServer, Task> RunAsync);
