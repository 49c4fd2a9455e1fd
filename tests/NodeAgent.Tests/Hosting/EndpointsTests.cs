using Microsoft.Extensions.Configuration;
using Vnetcni.NodeAgent.Hosting;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Hosting;

public sealed class EndpointsTests
{
    // In a container the working directory is the root: a file watch would go through all that is mounted, other containers' file systems too.
    [Fact]
    public async Task No_file_of_the_working_directory_is_read_or_watched()
    {
        await using var app = Endpoints.Build(new AgentOptions { LogLevel = "Error" }, () => null);
        Assert.Empty(((IConfigurationRoot)app.Configuration).Providers.OfType<FileConfigurationProvider>());
    }
}
