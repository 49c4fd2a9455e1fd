using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Preflight;

/// <summary>ARM for a look only: anything but a GET is a mistake of ours and never sent. Waits out throttling and short failures.</summary>
/// <param name="inner">ARM.</param>
/// <param name="time">For the waits.</param>
internal sealed class ReadingArm(IArm inner, TimeProvider time) : IArm
{
    private const int Tries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        if (request.Method != "GET")
            throw new InvalidOperationException($"preflight sends no {request.Method}: it changes nothing");
        for (var tried = 1; ; tried++)
        {
            var response = await inner.SendAsync(request, cancellationToken);
            if (tried == Tries || (response.Status != 429 && response.Status < 500))
                return response;
            var wait = response.RetryAfter ?? Pause * tried;
            response.Dispose();
            await Task.Delay(wait < LongestPause ? wait : LongestPause, time, cancellationToken);
        }
    }
}
