using System.Globalization;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>What the bench ran on.</summary>
internal static class Machine
{
    /// <summary>Cores, processor and kernel.</summary>
    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
        var kernel = string.Join('.', File.ReadAllText("/proc/sys/kernel/osrelease").Trim().Split('.', '-').Take(2));
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores ({model}), Linux {kernel}");
    }

    /// <summary>Whether a program names no interpreter, so that nothing else is loaded to start it.</summary>
    /// <remarks>ELF64: e_phoff at 32, e_phentsize at 54, e_phnum at 56; PT_INTERP is 3.</remarks>
    public static bool IsStatic(string program)
    {
        using var file = File.OpenHandle(program);
        var head = new byte[64 * 1024];
        var length = RandomAccess.Read(file, head, 0);
        var bytes = head.AsSpan(0, length);
        var at = (int)BitConverter.ToInt64(bytes[32..]);
        int size = BitConverter.ToUInt16(bytes[54..]), count = BitConverter.ToUInt16(bytes[56..]);
        for (var i = 0; i < count; i++)
        {
            if (BitConverter.ToUInt32(bytes[(at + (i * size))..]) == 3)
                return false;
        }

        return true;
    }
}
