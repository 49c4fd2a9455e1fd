using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>Reads of virtual machines; they are made by seeding.</summary>
internal sealed class VmHandler(World world, SimSettings settings)
{
    public Reply Get(Call call) => Reply.Ok(world.RequireVm(call.Route.Id!).Render(WantsInstanceView(call)));

    public Reply InstanceView(Call call) => Reply.Ok(world.RequireVm(call.Route.Id!).RenderInstanceView());

    public Reply List(Call call)
    {
        var route = call.Route;
        var withView = WantsInstanceView(call);
        var inScope = world.Vms.Where(v =>
            v.Value.Instance is null && Same(v.Value.Id.Subscription, route.Subscription) && (route.Group is null || Same(v.Value.Id.ResourceGroup, route.Group)));
        return Paging.Page(call, inScope, settings.PageSize, v => v.Render(withView));
    }

    private static bool WantsInstanceView(Call call) =>
        call.Route.Query.GetValueOrDefault("$expand") is { } expand && Same(expand, "instanceView");

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
