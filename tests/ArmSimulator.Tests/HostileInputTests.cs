using System.Text;
using CsCheck;
using Vnetcni.ArmSimulator.Core;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

/// <summary>Whatever comes in, an answer goes out and the state stays sound.</summary>
public sealed class HostileInputTests
{
    private static readonly Gen<string> Piece = Gen.OneOf(
        Gen.Int[0, 11].Select(static i => new[] { "subscriptions", Sub, "resourceGroups", "rg", "providers", "Microsoft.Network", "networkInterfaces", "nic-1", "virtualNetworks", "vnet", "subnets", "locations" }[i]),
        Gen.String);

    [Fact]
    public void Any_path_and_query_is_answered() =>
        Gen.Select(Piece.Array[0, 12], Gen.String, Gen.Int[0, 3]).Sample(
            (pieces, query, method) =>
            {
                using var rig = new Rig();
                var path = "/" + string.Join('/', pieces) + "?" + query;
                Assert.InRange(rig.SendRaw(new[] { "GET", "PUT", "DELETE", "\u00ff" }[method], path, default).Status, 200, 599);
                Assert.InRange(rig.SendRaw("GET", path + "&api-version=1&$skipToken=" + query, default).Status, 200, 599);
                rig.AssertClean();
            },
            iter: 300);

    [Fact]
    public void A_body_with_any_bytes_changed_is_answered()
    {
        using var valid = new Rig();
        var nic = valid.Read(Nic1);
        Add(nic, "vnetcni-1", "vnetcni-2");
        var bytes = Encoding.UTF8.GetBytes(nic.ToJsonString());
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, 3]).Array[1, 4].Sample(
            edits =>
            {
                using var rig = new Rig();
                var body = bytes.ToList();
                foreach (var (at, value, kind) in edits)
                {
                    var index = Math.Min(at, body.Count - 1);
                    if (kind == 0)
                        body.RemoveAt(index);
                    else if (kind == 1)
                        body.Insert(index, value);
                    else
                        body[index] = (byte)"\"{}[],:0123456789eE\\u-.ntf"[value % 25];
                }

                Assert.InRange(rig.SendRaw("PUT", Nic1, body.ToArray(), (SimRequest.WriterHeader, "foreign")).Status, 200, 599);
                Assert.Equal(200, rig.Get(Nic1).Status);
                rig.Settle();
                rig.AssertClean();
            },
            iter: 1_000);
    }
}
