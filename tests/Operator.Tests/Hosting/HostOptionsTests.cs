using Vnetcni.Operator.Hosting;

namespace Vnetcni.Operator.Tests.Hosting;

public class HostOptionsTests
{
    private static HostOptions Read(string[] arguments, params (string Name, string Value)[] environment) => HostOptionsReader.Read(
        arguments, name => environment.FirstOrDefault(e => e.Name == name).Value, "host-1");

    [Fact]
    public void Arguments_win_over_the_environment_and_that_over_defaults()
    {
        var options = Read(["--per-node=100", "--lease-name", "none", "--lease-seconds", "5"], ("VNETCNI_PER_NODE", "50"), ("VNETCNI_PER_VNET", "900"), ("VNETCNI_DRY_RUN", "true"));
        var settings = HostOptionsReader.Settings(options, "ab12");
        Assert.Equal((100, 900, true, string.Empty, "host-1_ab12"), (settings.PerNode, settings.PerVirtualNetwork, settings.DryRun, settings.LeaseName, settings.Identity));
        Assert.Equal(TimeSpan.FromSeconds(5), settings.LeaseDuration);
        settings.Validate();
    }

    [Theory]
    [InlineData("--per-node", "251", "--per-node '251' must be a whole number from 1 to 250")]
    [InlineData("--per-node", "0", "from 1 to 250")]
    [InlineData("--lease-seconds", "2", "from 3 to 3600")]
    [InlineData("--per-vnet", "16001", "from 1 to 16000")]
    [InlineData("--workers", "many", "from 1 to 1000")]
    [InlineData("--arm-left-for-others", "91", "from 0 to 90")]
    [InlineData("--dry-run", "yes", "neither true nor false")]
    [InlineData("--http", "9467", "is not address:port")]
    [InlineData("--arm-endpoint", "http://127.0.0.1:8443", "must be https://host[:port] without a path")]
    [InlineData("--arm-endpoint", "https://a/b", "must be https://host[:port] without a path")]
    [InlineData("--cloud", "mars", "is none of public, usgov, china")]
    [InlineData("--arm-audience", "here", "is neither a URI")]
    [InlineData("--arm-audience", "https://management.azure.com/.default", "leave /.default out")]
    [InlineData("--authority-host", "login.microsoftonline.us", "must be https://host[:port] without a path")]
    [InlineData("--authority-host", "http://login.example.com", "must be https://host[:port] without a path")]
    [InlineData("--arm-identity", "magic", "unknown identity mode 'magic'")]
    [InlineData("--arm-ca-file", "/does/not/exist.pem", "does not exist")]
    [InlineData("--kubeconfig", "/does/not/exist", "does not exist")]
    [InlineData("--log-level", "loud", "is none of Debug")]
    [InlineData("--colour", "red", "is not an option; --help lists them")]
    public void A_wrong_option_is_named_with_what_would_do(string name, string value, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Read([name, value])).Message);

    [Fact]
    public void An_option_without_its_value_is_named() =>
        Assert.Contains("--per-vnet lacks its value", Assert.Throws<FormatException>(() => Read(["--per-vnet"])).Message);

    [Theory]
    [InlineData("public", "https://management.azure.com/", "https://login.microsoftonline.com/", "https://management.azure.com/.default")]
    [InlineData("AzureCloud", "https://management.azure.com/", "https://login.microsoftonline.com/", "https://management.azure.com/.default")]
    [InlineData("usgov", "https://management.usgovcloudapi.net/", "https://login.microsoftonline.us/", "https://management.usgovcloudapi.net/.default")]
    [InlineData("AzureUSGovernment", "https://management.usgovcloudapi.net/", "https://login.microsoftonline.us/", "https://management.usgovcloudapi.net/.default")]
    [InlineData("china", "https://management.chinacloudapi.cn/", "https://login.chinacloudapi.cn/", "https://management.chinacloudapi.cn/.default")]
    [InlineData("azurechinacloud", "https://management.chinacloudapi.cn/", "https://login.chinacloudapi.cn/", "https://management.chinacloudapi.cn/.default")]
    public void A_cloud_has_its_own_addresses(string cloud, string arm, string authority, string scope)
    {
        var options = Read(["--cloud", cloud]);
        Assert.Equal((arm, authority, scope), (HostOptionsReader.Arm(options).ToString(), HostOptionsReader.Authority(options).ToString(), HostOptionsReader.Scope(options)));
    }

    [Fact]
    public void A_cloud_of_ones_own_has_address_audience_and_sign_in_host()
    {
        var options = Read(
            ["--arm-endpoint", "https://management.local.azurestack.external", "--arm-audience", "https://management.azurestack.onmicrosoft.com/1234"],
            ("AZURE_AUTHORITY_HOST", "https://login.example.com/"));
        Assert.Equal(
            ("https://management.local.azurestack.external/", "https://login.example.com/", "https://management.azurestack.onmicrosoft.com/1234/.default"),
            (HostOptionsReader.Arm(options).ToString(), HostOptionsReader.Authority(options).ToString(), HostOptionsReader.Scope(options)));
    }

    [Fact]
    public void A_given_address_never_gets_a_token_for_the_clouds_own() =>
        Assert.Equal("https://127.0.0.1:8443/.default", HostOptionsReader.Scope(Read(["--arm-endpoint", "https://127.0.0.1:8443"])));

    [Fact]
    public void The_help_names_every_option()
    {
        foreach (var name in new[] { "kubeconfig", "identity", "lease-namespace", "lease-name", "arm-endpoint", "arm-audience", "authority-host", "arm-ca-file", "arm-identity", "http", "per-node", "per-vnet", "dry-run" })
            Assert.Contains($"--{name} ", HostOptionsReader.Usage);
    }
}
