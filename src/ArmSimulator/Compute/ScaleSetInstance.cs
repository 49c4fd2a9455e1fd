using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Operations;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>The model of a VM of a Uniform scale set: what a PUT writes, and what its interfaces follow.</summary>
internal sealed class ScaleSetInstance
{
    private long _version;

    /// <summary>A number in quotes; it begins anew with every VM.</summary>
    public string Etag => Tag(_version);

    /// <summary>Updating, Succeeded or Failed.</summary>
    public string State { get; set; } = "Succeeded";

    /// <summary>What a GET answers, without the instance view.</summary>
    public byte[] Body { get; set; } = [];

    /// <summary>The body before the last PUT, for reads that lag; null before the first one.</summary>
    public byte[]? PreviousBody { get; set; }

    public string PreviousEtag { get; set; } = "";

    /// <summary>The scale set's own networkInterfaceConfigurations: what a reset goes back to.</summary>
    public JsonArray Profile { get; set; } = [];

    public Operation? Running { get; set; }

    /// <summary>Runs while interfaces lag behind the model.</summary>
    public ITimer? Lag { get; set; }

    public void DropLag()
    {
        Lag?.Dispose();
        Lag = null;
    }

    public void Moved() => _version++;

    private static string Tag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");
}
