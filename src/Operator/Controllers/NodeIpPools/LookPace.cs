using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.Scheduling;
using Vnetcni.Operator.Azure.VirtualMachines;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>
/// When an operation is looked at: as often as ARM allows while reads are plenty. Where many interfaces change at once the looks would use
/// up the quota that the next interface's read needs: they wait for as long as most operations take.
/// </summary>
internal sealed class LookPace(ScheduledArm scheduled)
{
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ScarceNext = TimeSpan.FromSeconds(5);

    // Three of four operations on an attached interface end within the first, on a scale set's VM within the second.
    private static readonly TimeSpan ScarceFirst = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ScarceFirstOfScaleSet = TimeSpan.FromSeconds(20);

    /// <summary>From a write to the first look.</summary>
    public TimeSpan First(ResourceId nic, TimeSpan? retryAfter) =>
        Longer(retryAfter ?? Plenty, !scheduled.ReadsAreScarce(nic) ? TimeSpan.Zero
            : nic.Parent?.IsOfType(VirtualMachineClient.ScaleSetResourceType) == true ? ScarceFirstOfScaleSet : ScarceFirst);

    /// <summary>From one look to the next.</summary>
    public TimeSpan Next(ResourceId nic, TimeSpan? retryAfter) => Longer(retryAfter ?? Plenty, scheduled.ReadsAreScarce(nic) ? ScarceNext : TimeSpan.Zero);

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
