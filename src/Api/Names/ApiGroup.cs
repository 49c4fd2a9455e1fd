namespace Vnetcni.Api.Names;

/// <summary>The API group of the custom resources; all of them are cluster-scoped.</summary>
public static class ApiGroup
{
    /// <summary>The group.</summary>
    public const string Group = "vnetcni.dev";

    /// <summary>The version within the group.</summary>
    public const string Version = "v1alpha1";

    /// <summary><c>apiVersion</c> of every object of the group.</summary>
    public const string ApiVersion = Group + "/" + Version;
}
