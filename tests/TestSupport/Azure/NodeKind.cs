namespace Vnetcni.TestSupport.Azure;

/// <summary>What a node's VM is in Azure.</summary>
public enum NodeKind
{
    /// <summary>A VM of its own.</summary>
    Standalone,

    /// <summary>A VM of a scale set with Flexible orchestration: an ordinary VM with a generated name.</summary>
    Flex,

    /// <summary>An instance of a scale set with Uniform orchestration: its interface is written through its model.</summary>
    Uniform,
}
