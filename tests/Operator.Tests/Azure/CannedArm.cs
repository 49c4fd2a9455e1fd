using System.Text;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Tests.Azure;

/// <summary>An ARM that answers by a function and remembers what it was asked.</summary>
internal sealed class CannedArm(Func<ArmRequest, ArmResponse> answer) : IArm
{
    internal List<ArmRequest> Requests { get; } = [];

    public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        return Task.FromResult(answer(request));
    }

    internal static CannedArm Of(int status, string body) => new(_ => Answer(status, body));

    internal static ArmResponse Answer(int status, string body) => new(status, Encoding.UTF8.GetBytes(body));
}
