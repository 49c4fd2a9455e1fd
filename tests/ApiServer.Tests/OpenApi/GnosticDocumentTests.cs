using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.OpenApi;

namespace Vnetcni.ApiServer.Tests.OpenApi;

public class GnosticDocumentTests
{
    [Fact]
    public void Numbers_and_texts_are_written_as_the_wire_format_says()
    {
        var writer = new ProtobufWriter();
        writer.Integer(1, 150);
        writer.Text(2, "testing");
        writer.Boolean(3, true);
        writer.Double(4, 1);
        writer.Message(5, inner => inner.Integer(1, -1));
        writer.Message(6, static _ => { });
        // The first two are the examples of https://protobuf.dev/programming-guides/encoding/.
        Assert.Equal("089601" + "120774657374696E67" + "1801" + "21000000000000F03F" + "2A0B08FFFFFFFFFFFFFFFFFF01" + "3200", Convert.ToHexString(writer.Written.Span));
    }

    [Fact]
    public void What_proto3_leaves_out_is_left_out()
    {
        var writer = new ProtobufWriter();
        writer.Integer(1, 0);
        writer.Text(2, string.Empty);
        writer.Boolean(3, false);
        writer.Double(4, 0);
        Assert.Equal(0, writer.Written.Length);
    }

    [Fact]
    public void A_document_is_encoded_by_the_field_numbers_of_gnostic()
    {
        var document = JsonNode.Parse("""
            {"swagger": "2.0", "info": {"title": "T", "version": "v"},
             "paths": {"/p": {"patch": {"operationId": "id", "parameters": [{"name": "q", "in": "query", "type": "string"}], "responses": {"200": {"description": "OK"}}, "x-a": 1}}},
             "definitions": {"D": {"type": "object", "required": ["r"], "properties": {"r": {"type": "array", "items": {"$ref": "#/definitions/D"}}}, "x-kubernetes-y": {"k": true}}}}
            """)!.AsObject();
        // field(wire)=value, nested in braces.
        const string expected =
            "1=2.0 2{1=T 2=v} "
            + "8{2{1=/p 2{8{5=id 8{1{2{3{2=query 4=q 6=string}}}} 9{1{1=200 2{1{1=OK}}}} 13{1=x-a 2{2=1}}}}}} "
            + "9{1{1=D 2{19=r 22{1=object} 25{1{1=r 2{22{1=array} 23{1{1=#/definitions/D}}}}} 31{1=x-kubernetes-y 2{2={\"k\":true}}}}}}";
        var shape = new[]
        {
            "2", "8", "8.2", "8.2.2", "8.2.2.8", "8.2.2.8.8", "8.2.2.8.8.1", "8.2.2.8.8.1.2", "8.2.2.8.8.1.2.3", "8.2.2.8.9", "8.2.2.8.9.1", "8.2.2.8.9.1.2",
            "8.2.2.8.9.1.2.1", "8.2.2.8.13", "8.2.2.8.13.2", "9", "9.1", "9.1.2", "9.1.2.22", "9.1.2.25", "9.1.2.25.1", "9.1.2.25.1.2", "9.1.2.25.1.2.22",
            "9.1.2.25.1.2.23", "9.1.2.25.1.2.23.1", "9.1.2.31", "9.1.2.31.2",
        };
        Assert.Equal(expected, ProtobufText.Of(GnosticDocument.Encode(document).Span, [.. shape]));
    }
}
