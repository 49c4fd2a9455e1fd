using Vnetcni.Lab.ApiServer.Http;

namespace Vnetcni.ApiServer.Tests.Http;

public class RequestPathTests
{
    [Theory]
    [InlineData("/api/v1/nodes", "", "v1", "", "nodes", "", "")]
    [InlineData("/api/v1/nodes/a/status", "", "v1", "", "nodes", "a", "status")]
    [InlineData("/api/v1/namespaces/n", "", "v1", "", "namespaces", "n", "")]
    [InlineData("/api/v1/namespaces/n/finalize", "", "v1", "", "namespaces", "n", "finalize")]
    [InlineData("/api/v1/namespaces/n/pods", "", "v1", "n", "pods", "", "")]
    [InlineData("/api/v1/namespaces/n/pods/p/log", "", "v1", "n", "pods", "p", "log")]
    [InlineData("/apis/g.x/v2/things", "g.x", "v2", "", "things", "", "")]
    [InlineData("/apis/g.x/v2/namespaces/n/things/t", "g.x", "v2", "n", "things", "t", "")]
    public void A_path_says_what_is_meant(string path, string group, string version, string ns, string resource, string name, string subresource) =>
        Assert.Equal(new RequestPath(group, version, ns, resource, name, subresource), RequestPath.Parse(path));

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1")]
    [InlineData("/apis/g.x")]
    [InlineData("/metrics")]
    public void Other_paths_are_of_no_resource(string path) => Assert.Null(RequestPath.Parse(path));
}
