using System.Text.Json;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure;

namespace Vnetcni.Operator.Controllers;

/// <summary>Failures of the world outside, as against faults of the program.</summary>
internal static class TransientErrors
{
    public static bool Is(Exception e) =>
        e is KubeApiException or HttpRequestException or IOException or ArmAnswerException or JsonException or InvalidDataException
            or TimeoutException;
}
