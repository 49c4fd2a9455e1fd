using System.Text.Json.Serialization;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Serialization;

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(ObjectMetaConverter), typeof(KubeTimeConverter)])]
[JsonSerializable(typeof(NodeIpPool))]
[JsonSerializable(typeof(NodeIpPoolClass))]
[JsonSerializable(typeof(VirtualNetwork))]
internal sealed partial class VnetcniJsonContext : JsonSerializerContext;
