using System.Runtime.CompilerServices;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>The columns of each served resource, parsed once per definition.</summary>
internal sealed class ResourceColumns
{
    private readonly ConditionalWeakTable<ResourceDefinition, IReadOnlyList<TableColumn>> _known = [];

    /// <summary>The columns of a resource.</summary>
    public IReadOnlyList<TableColumn> Of(ResourceDefinition resource) => _known.GetValue(resource, static r => Make(r));

    private static IReadOnlyList<TableColumn> Make(ResourceDefinition resource)
    {
        if (!resource.IsCustom)
            return BuiltInColumns.Of(resource.GroupResource);
        try
        {
            return CustomColumns.From(resource.PrinterColumns);
        }
        catch (FormatException)
        {
            // A column that cannot be read must not hide the objects: the age alone, as without columns.
            return CustomColumns.From([]);
        }
    }
}
