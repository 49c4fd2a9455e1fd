namespace Vnetcni.Operator.Azure;

/// <summary>ARM answered something that the product cannot take: not JSON, another shape, too large, or a URL of another host.</summary>
public sealed class ArmAnswerException : Exception
{
    /// <summary>Without a cause in words; use the other constructors.</summary>
    public ArmAnswerException()
    {
    }

    /// <summary>With the cause.</summary>
    public ArmAnswerException(string message)
        : base(message)
    {
    }

    /// <summary>With the cause and the error below.</summary>
    public ArmAnswerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
