namespace Vnetcni.Operator.Azure;

/// <summary>No token for ARM: nothing was sent. The message names what is missing and where to set it.</summary>
public sealed class ArmCredentialException : IOException
{
    /// <summary>Without a cause in words; use the other constructors.</summary>
    public ArmCredentialException()
    {
    }

    /// <summary>With the cause.</summary>
    public ArmCredentialException(string message)
        : base(message)
    {
    }

    /// <summary>With the cause and the error below.</summary>
    public ArmCredentialException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
