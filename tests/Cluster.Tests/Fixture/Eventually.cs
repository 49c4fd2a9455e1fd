using Xunit;

namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>Waits for something that comes to hold in real time.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition, string what, int seconds = 30)
    {
        var end = DateTime.UtcNow.AddSeconds(seconds);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, $"after {seconds} s still not: {what}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
