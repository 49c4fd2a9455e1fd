using System.Globalization;
using System.Text;
using System.Xml;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>
/// What the wireserver (168.63.129.16) tells a VM about its interfaces: <c>/machine/plugins?comp=nmagent&amp;type=getinterfaceinfov1</c>.
/// The shape is that which azure-container-networking reads; it is not in Microsoft's documentation.
/// </summary>
internal static class InterfaceInfo
{
    public static byte[]? Of(World world, string vm, DateTimeOffset asOf)
    {
        if (InstanceMetadata.Find(world, vm) is not { } machine)
            return null;
        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("Interfaces");
            for (var i = 0; i < machine.Nics.Count; i++)
            {
                var nic = world.Nics[ResourceId.KeyOf(machine.Nics[i])];
                xml.WriteStartElement("Interface");
                xml.WriteAttributeString("MacAddress", nic.Mac.Replace("-", "", StringComparison.Ordinal));
                xml.WriteAttributeString("IsPrimary", i == 0 ? "true" : "false");
                xml.WriteStartElement("IPSubnet");
                xml.WriteAttributeString("Prefix", string.Create(CultureInfo.InvariantCulture, $"{nic.Subnet.Prefix}"));
                foreach (var c in nic.ConfigurationsAt(asOf))
                {
                    xml.WriteStartElement("IPAddress");
                    xml.WriteAttributeString("Address", Ipv4.Format(c.Address));
                    xml.WriteAttributeString("IsPrimary", c.Primary ? "true" : "false");
                    xml.WriteEndElement();
                }

                xml.WriteEndElement();
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return stream.ToArray();
    }
}
