using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Inventory;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Azure;

public class GroupInventoryTests
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(30);
    private int lists;

    [Fact]
    public void Few_asks_are_left_to_GETs_and_many_share_one_list() => Simulator.Run(1, async sim =>
    {
        var inventory = Make(sim, pages: 1);
        for (var i = 1; i < GroupInventory<string>.FewestAsks; i++)
            Assert.Null(await inventory.FindAsync(Id(i), Age, long.MinValue, default));
        Assert.Equal(0, lists);
        var asks = Enumerable.Range(0, 20).Select(i => inventory.FindAsync(Id(i), Age, long.MinValue, default)).ToArray();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"value {i}"), await Task.WhenAll(asks));
        Assert.Equal("value 7", await inventory.FindAsync(ResourceId.Parse(Id(7).ToString().ToUpperInvariant()), Age, long.MinValue, default));
        Assert.Null(await inventory.FindAsync(Id(1_000), Age, long.MinValue, default));
        Assert.Equal(1, lists);
    });

    [Fact]
    public void A_list_that_is_too_old_or_from_before_is_none() => Simulator.Run(2, async sim =>
    {
        var inventory = Make(sim, pages: 1);
        await ListAsync(inventory);
        Assert.Null(await inventory.FindAsync(Id(1), Age, sim.Time.GetTimestamp(), default));
        await sim.Delay(Age + TimeSpan.FromSeconds(1));
        Assert.Null(await inventory.FindAsync(Id(1), Age, long.MinValue, default));
        Assert.Equal(1, lists);
        await ListAsync(inventory);
        Assert.Equal(2, lists);
    });

    [Fact]
    public void A_group_of_many_pages_is_listed_again_only_for_twice_as_many_asks() => Simulator.Run(3, async sim =>
    {
        var inventory = Make(sim, pages: 50);
        await ListAsync(inventory);
        await sim.Delay(Age + TimeSpan.FromSeconds(1));
        for (var i = 1; i < 100; i++)
            Assert.Null(await inventory.FindAsync(Id(i), Age, long.MinValue, default));
        Assert.Equal(1, lists);
        Assert.NotNull(await inventory.FindAsync(Id(1), Age, long.MinValue, default));
        Assert.Equal(2, lists);
    });

    [Fact]
    public void A_list_that_fails_is_left_alone_for_a_while() => Simulator.Run(4, async sim =>
    {
        var fails = true;
        var inventory = new GroupInventory<string>(sim.Time, (_, _) =>
        {
            lists++;
            return fails ? throw new ArmUnreachableException("no answer") : Task.FromResult(Listing(1));
        });
        for (var i = 0; i < 3 * GroupInventory<string>.FewestAsks; i++)
            Assert.Null(await inventory.FindAsync(Id(1), Age, long.MinValue, default));
        Assert.Equal(1, lists);
        fails = false;
        await sim.Delay(TimeSpan.FromMinutes(5));
        await ListAsync(inventory);
        Assert.Equal(2, lists);
    });

    private GroupInventory<string> Make(Simulator sim, int pages) => new(sim.Time, async (_, cancellationToken) =>
    {
        lists++;
        await sim.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        return Listing(pages);
    });

    private static ArmResult<GroupListing<string>> Listing(int pages) =>
        new(new GroupListing<string>(Enumerable.Range(0, 20).ToDictionary(i => Id(i).ToString(), i => $"value {i}", StringComparer.OrdinalIgnoreCase), pages), null);

    private static async Task ListAsync(GroupInventory<string> inventory)
    {
        string? found = null;
        for (var i = 0; i < 1_000 && found is null; i++)
            found = await inventory.FindAsync(Id(1), Age, long.MinValue, default);
        Assert.Equal("value 1", found);
    }

    private static ResourceId Id(int i) => ResourceId.Parse($"/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm{i}");
}
