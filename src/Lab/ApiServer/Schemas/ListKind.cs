namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>How the items of a list are owned (<c>x-kubernetes-list-type</c>).</summary>
internal enum ListKind
{
    /// <summary>The list as a whole.</summary>
    Atomic,

    /// <summary>Each item, a scalar, by its value.</summary>
    Set,

    /// <summary>Each item, an object, by its keys.</summary>
    Map,
}
