using Xunit;
using static Vnetcni.Dataplane.Tests.Snat.EgressBed;

namespace Vnetcni.Dataplane.Tests.Snat;

/// <summary>What nft itself reads from the kernel after our messages.</summary>
public sealed class EgressTableTests
{
    private const string Whole = """
        table ip vnetcni {
        	set pods0 {
        		type ipv4_addr
        		elements = { 10.240.0.64, 10.240.0.65 }
        	}

        	set nomasq0 {
        		type ipv4_addr
        		flags interval
        		elements = { 10.240.0.0/16, 172.16.0.0/12 }
        	}

        	chain postrouting {
        		type nat hook postrouting priority srcnat + 5; policy accept;
        		oifname "eth0" ip saddr @pods0 ip daddr != @nomasq0 counter masquerade fully-random comment "pods to outside the virtual network"
        	}

        	chain forward {
        		type filter hook forward priority filter - 10; policy accept;
        		ip daddr 168.63.129.16 goto wireserver comment "to wireserver"
        		ip daddr 169.254.169.254 goto metadata comment "to metadata"
        	}

        	chain wireserver {
        		ct direction reply accept comment "answers"
        		tcp dport 80 counter reject with tcp reset comment "closed to pods, port 80"
        		tcp dport 32526 counter reject with tcp reset comment "closed to pods, port 32526"
        	}

        	chain metadata {
        		ct direction reply accept comment "answers"
        		tcp dport 80 counter reject with tcp reset comment "closed to pods, port 80"
        	}
        }

        """;

    [Fact]
    public async Task Nft_reads_the_table_as_it_was_meant()
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules("172.16.0.0/12", "10.240.0.0/16"), Token);
        Assert.Equal(Whole, bed.Table());
        Assert.Empty(await bed.Egress.CheckAsync(Token));
    }

    [Fact]
    public async Task Applying_again_and_by_a_new_agent_changes_nothing_that_can_be_seen()
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules("172.16.0.0/12", "10.240.0.0/16"), Token);
        var handles = Handles(bed);
        await bed.Egress.ApplyAsync(Rules("172.16.0.0/12", "10.240.0.0/16"), Token);
        Assert.Equal(Whole.Replace("pods0", "pods1").Replace("nomasq0", "nomasq1"), bed.Table());
        await bed.Start().ApplyAsync(Rules("172.16.0.0/12", "10.240.0.0/16"), Token);
        Assert.Equal(Whole, bed.Table());
        // The chains that packets are in stayed.
        Assert.Equal(handles, Handles(bed));
    }

    private static string[] Handles(EgressBed bed) =>
        [.. bed.Nft("-a list table ip vnetcni").Split('\n').Where(line => line.Contains("chain ") || line.StartsWith("table", StringComparison.Ordinal))];
}
