using Microsoft.Win32.SafeHandles;

namespace Vnetcni.Dataplane.Linux;

/// <summary>A file descriptor that we own; closed once.</summary>
internal sealed class SafeDescriptor : SafeHandleMinusOneIsInvalid
{
    public SafeDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Linux frees the descriptor even when close fails, so a failure is never retried.</summary>
    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;
}
