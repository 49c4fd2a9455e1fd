namespace Vnetcni.Operator.Azure;

/// <summary>ARM, or the identity provider that gives the token for it, gave no answer: a write may have happened.</summary>
public sealed class ArmUnreachableException : IOException
{
    /// <summary>Without a cause in words; use the other constructors.</summary>
    public ArmUnreachableException()
    {
    }

    /// <summary>With the cause.</summary>
    public ArmUnreachableException(string message)
        : base(message)
    {
    }

    /// <summary>With the cause and the error below.</summary>
    public ArmUnreachableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
