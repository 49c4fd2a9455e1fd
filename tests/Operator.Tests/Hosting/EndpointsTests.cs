using Microsoft.Extensions.Configuration;
using Vnetcni.Operator.Hosting;

namespace Vnetcni.Operator.Tests.Hosting;

public sealed class EndpointsTests
{
    // In a container the working directory is the root: a file watch would go through all that is mounted.
    [Fact]
    public async Task No_file_of_the_working_directory_is_read_or_watched()
    {
        await using var app = Endpoints.Build(new HostOptions { LogLevel = "Error" }, () => null, () => null);
        Assert.Empty(((IConfigurationRoot)app.Configuration).Providers.OfType<FileConfigurationProvider>());
    }
}
