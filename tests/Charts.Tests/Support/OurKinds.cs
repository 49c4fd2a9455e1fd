namespace Vnetcni.Charts.Tests.Support;

/// <summary>Our kinds on an API server.</summary>
internal static class OurKinds
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Waits until the server serves them: whoever installs CRDs is done before that, and an object of theirs may come too early.</summary>
    public static void UntilServed(Func<string[], (int Code, string Output, string Error)> kubectl)
    {
        // kubectl 1.20 fails at once, rather than wait, on a CRD that has no conditions yet.
        Until(kubectl, "wait", "--for=condition=Established", "crd", "--all", "--timeout=20s");
        // The group is found a moment after its CRDs are there.
        Until(kubectl, "get", "nip,nipc,vnet");
    }

    private static void Until(Func<string[], (int Code, string Output, string Error)> kubectl, params string[] arguments)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (kubectl(arguments) is { Code: not 0 } result)
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Patience, $"kubectl {string.Join(' ', arguments)}: {result.Output}{result.Error}");
    }
}
