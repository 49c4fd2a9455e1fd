namespace Vnetcni.Lab.ApiServer.Resources;

/// <summary>One column of <c>kubectl get</c>, as a CustomResourceDefinition's additionalPrinterColumns say it.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">OpenAPI type: string, integer, number, boolean or date.</param>
/// <param name="JsonPath">Where the value is, such as <c>.status.held</c>.</param>
/// <param name="Description">What it means.</param>
/// <param name="Format">OpenAPI format, or empty.</param>
/// <param name="Priority">0 is shown always, more only with <c>-o wide</c>.</param>
public sealed record PrinterColumn(
    string Name, string Type, string JsonPath, string Description = "", string Format = "", int Priority = 0);
