using Vnetcni.Lab.E2e.Checks;
using Xunit;

namespace Vnetcni.Lab.Tests.E2e;

public sealed class GoldenPageTests
{
    private const string Command = "kubectl get nip";

    private const string Output = """
        NAME    READY   REASON   USED   AGE
        node1   True    InSync   30     5m12s
        node2   True    InSync   31     58s
        node3   True    InSync   7      2d
        """;

    [Fact]
    public void Numbers_ages_and_widths_do_not_count()
    {
        var page = GoldenPage.Block(Command, Output);
        Assert.Empty(GoldenPage.Differences(page, Command, "NAME READY REASON USED AGE\nnode1 True InSync 250 1s\nnode2 True InSync 0 2m\nnode3 True InSync 1 9s", more: false));
    }

    [Fact]
    public void What_repeats_itself_is_shown_twice()
    {
        var page = GoldenPage.Block(Command, "  Address: 10.1.0.4\n  State: Available\n  Address: 10.1.0.5\n  State: Available\n  Address: 10.1.0.6\n  State: Available\nMax: 250\n");
        Assert.Equal($"```console\n$ {Command}\n  Address: 10.1.0.4\n  State: Available\n  Address: 10.1.0.5\n  State: Available\n...\nMax: 250\n```\n", page);
        Assert.Empty(GoldenPage.Differences(page, Command, "Address: 10.1.9.9\nState: Available\nMax: 8", more: false));
    }

    [Theory]
    [InlineData("NAME READY REASON AGE\nnode1 True InSync 1s\n")]
    [InlineData("NAME READY REASON USED AGE\nnode1 False Growing 3 1s\n")]
    [InlineData("NAME READY REASON USED AGE\nnode1 True InSync 3 1s\nnode2 False Throttled 3 1s\n")]
    [InlineData("")]
    public void A_column_or_a_word_that_is_another_counts(string now) =>
        Assert.NotEmpty(GoldenPage.Differences(GoldenPage.Block(Command, Output), Command, now, more: false));

    [Fact]
    public void Further_lines_may_be_allowed_but_none_may_be_missing()
    {
        var page = GoldenPage.Block(Command, Output);
        Assert.Empty(GoldenPage.Differences(page, Command, Output + "\nnode4 False Growing 3 1s", more: true));
        Assert.NotEmpty(GoldenPage.Differences(page, Command, "node4 False Growing 3 1s", more: true));
    }

    [Theory]
    [InlineData("Pod UID: 0f5b9e3c-1111-4a2b-9c3d-0123456789ab", "Pod UID: 99999999-2222-4a2b-9c3d-ba9876543210")]
    [InlineData("lab-vnet-e9421c27 65468/65531", "lab-vnet-0a1b2c3d 1/65531")]
    [InlineData("Observed At: 2026-11-29T01:22:03Z", "Observed At: 2027-01-02T11:00:59.123Z")]
    [InlineData("InSync True Sun, 29 Nov 2026 01:36:29 +0000 pods", "InSync True Mon, 01 Feb 2027 23:59:59 -0530 pods")]
    [InlineData("vnetcni-1a2b3c4d-7", "vnetcni-abcdefab-12")]
    public void Ids_and_times_do_not_count(string then, string now) =>
        Assert.Empty(GoldenPage.Differences(GoldenPage.Block(Command, then), Command, now, more: false));

    [Fact]
    public void A_command_that_the_page_does_not_show_is_told() =>
        Assert.Contains("has no '$ kubectl get vnet'", Assert.Single(GoldenPage.Differences(GoldenPage.Block(Command, Output), "kubectl get vnet", Output, more: false)), StringComparison.Ordinal);
}
