using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Azure.ScaleSets;

/// <summary>Joins the model of a VM with one of its interfaces to what a standalone interface looks like.</summary>
internal static class ScaleSetInterface
{
    /// <summary>
    /// The interface, under the ETag of the model. A configuration that only the model has is there without an address: not confirmed. One that only the interface has
    /// is there too, as Deleting: its address is not free yet, and a write that ARM took without doing it shows. Throws
    /// <see cref="ArmAnswerException"/> when the model has no primary or one of ours as such, or nothing names the machine.
    /// </summary>
    internal static NicView Join(ScaleSetVmModel model, NicView actual, IDisposable lease)
    {
        var wanted = new HashSet<string>(model.Configurations.Count, StringComparer.OrdinalIgnoreCase);
        var byName = new Dictionary<string, NicIpConfiguration>(actual.IpConfigurations.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var configuration in actual.IpConfigurations)
            byName[configuration.Name] = configuration;
        var joined = new List<NicIpConfiguration>(model.Configurations.Count + 4);
        foreach (var configuration in model.Configurations)
        {
            wanted.Add(configuration.Name);
            joined.Add(byName.TryGetValue(configuration.Name, out var there)
                ? configuration with { Address = there.Address, State = there.State }
                : configuration with { Address = null, State = string.Empty });
        }

        var primary = PrimaryOf(joined, actual);
        joined[primary] = joined[primary] with { IsPrimary = true };
        foreach (var configuration in actual.IpConfigurations)
        {
            if (!wanted.Contains(configuration.Name))
                joined.Add(configuration with { State = States.Deleting, Bytes = default, IsPrimary = false });
        }

        var incarnation = actual.ResourceGuid.Length != 0 ? actual.ResourceGuid : model.VmId;
        if (incarnation.Length == 0)
            throw new ArmAnswerException($"interface '{actual.Name}' has no resourceGuid and its VM no vmId: it could not be told from another one");
        return new NicView([.. joined], primary)
        {
            Id = actual.Id,
            Name = actual.Name,
            ETag = ScaleSetEtag.Of(model.ETag, incarnation),
            ObservedETag = actual.ETag,
            ProvisioningState = IsDone(model.ProvisioningState) ? actual.ProvisioningState : model.ProvisioningState,
            MacAddress = actual.MacAddress,
            ResourceGuid = incarnation,
            VirtualMachineId = actual.VirtualMachineId ?? model.Id,
            Raw = model.Raw,
            Array = model.Array,
            SecurityGroups = model.SecurityGroups,
            Omitted = model.ImageReference,
            IsOfScaleSet = true,
            Lease = lease,
        };
    }

    private static int PrimaryOf(List<NicIpConfiguration> joined, NicView actual)
    {
        var primary = joined.FindIndex(static c => c.IsPrimary);
        if (primary < 0 && joined.Count == 1)
            primary = 0;
        if (primary < 0 || joined.FindLastIndex(static c => c.IsPrimary) > primary)
            throw new ArmAnswerException($"the model of interface '{actual.Name}' must have one primary ipConfiguration");
        if (joined[primary].IsOurs)
            throw new ArmAnswerException($"the primary ipConfiguration of '{actual.Name}' has a name of ours; rename it: it must never be removed");
        return primary;
    }

    // A VM of which nothing is said is taken as its interface is.
    private static bool IsDone(string state) => state.Length == 0 || state.Equals("Succeeded", StringComparison.OrdinalIgnoreCase);
}
