using System.Buffers;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation.Checkpoint;

/// <summary>
/// An append-only file on tmpfs. A killed process loses no page cache, so nothing is synced; a reboot loses the file, and the
/// boot id in its header voids one that survived. A torn tail is cut; a file that is not ours to read is set aside.
/// </summary>
public sealed class FileLedgerStore : ILedgerStore, IDisposable
{
    private const long MaxFile = 64L << 20;

    private readonly string _path;
    private readonly string _bootId;
    private readonly int _compactAt;
    private readonly SortedDictionary<IpAddress, LedgerRecord> _live = [];
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private LedgerMeta _meta = LedgerMeta.None;
    private SafeFileHandle? _file;
    private long _length;
    private long _compacted;

    /// <summary>A store in one file; <see cref="Load"/> comes first.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="bootId">Of this boot.</param>
    /// <param name="compactAt">The file is rewritten when it has grown by this many bytes, and by as much as it had.</param>
    public FileLedgerStore(string path, string bootId, int compactAt = 256 * 1024)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(bootId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bootId.Length, 64, nameof(bootId));
        _path = path;
        _bootId = bootId;
        _compactAt = compactAt;
    }

    /// <inheritdoc/>
    public LedgerImage Load()
    {
        _file?.Dispose();
        _file = null;
        _live.Clear();
        _meta = LedgerMeta.None;
        if (!File.Exists(_path))
            return LedgerImage.Nothing("no checkpoint");
        var length = new FileInfo(_path).Length;
        if (length > MaxFile)
            return SetAside("foreign", Text($"it has {length} bytes"));
        if (length == 0)
            return SetAside("empty", "it is empty");

        ReadOnlySpan<byte> bytes = File.ReadAllBytes(_path);
        var (bootId, headerLength, version) = RecordCodec.ReadHeader(bytes);
        if (bootId is null)
        {
            return version > RecordCodec.Version
                ? SetAside("future", Text($"it has format {version}, this agent knows {RecordCodec.Version}"))
                : SetAside("foreign", "it has no valid header");
        }

        return bootId == _bootId ? Replay(bytes, headerLength) : LedgerImage.Nothing($"the checkpoint is of boot {bootId}");
    }

    /// <inheritdoc/>
    public void Append(in LedgerRecord record)
    {
        _buffer.ResetWrittenCount();
        RecordCodec.WriteEntry(_buffer, record);
        Write();
        _live[record.Address] = record;
        CompactIfDue();
    }

    /// <inheritdoc/>
    public void Drop(IpAddress address)
    {
        if (!_live.ContainsKey(address))
            return;
        _buffer.ResetWrittenCount();
        RecordCodec.WriteDrop(_buffer, address);
        Write();
        _live.Remove(address);
        CompactIfDue();
    }

    /// <inheritdoc/>
    public void Append(LedgerMeta meta)
    {
        ArgumentNullException.ThrowIfNull(meta);
        _buffer.ResetWrittenCount();
        RecordCodec.WriteMeta(_buffer, meta);
        Write();
        _meta = meta;
        CompactIfDue();
    }

    /// <inheritdoc/>
    public void Replace(IReadOnlyCollection<LedgerRecord> records, LedgerMeta meta)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(meta);
        var output = new ArrayBufferWriter<byte>(4096);
        RecordCodec.WriteHeader(output, _bootId);
        RecordCodec.WriteMeta(output, meta);
        foreach (var record in records)
            RecordCodec.WriteEntry(output, record);

        var temporary = _path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            Share = FileShare.Read,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(temporary, options))
            stream.Write(output.WrittenSpan);
        File.Move(temporary, _path, overwrite: true);

        _file?.Dispose();
        _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        _length = _compacted = output.WrittenCount;
        _meta = meta;
        var kept = records.ToArray();
        _live.Clear();
        foreach (var record in kept)
            _live[record.Address] = record;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private LedgerImage Replay(ReadOnlySpan<byte> bytes, int start)
    {
        var at = start;
        while (at < bytes.Length)
        {
            if (!RecordCodec.TryRead(bytes[at..], out var length, out var record))
            {
                // Only the last record can be torn. Damage with more after it is not a crash of ours.
                var rest = bytes.Length - at;
                if (length > 0 ? length < rest : rest >= RecordCodec.MaxBody + 6)
                    return SetAside("damaged", Text($"the record at byte {at} is damaged"));
                break;
            }

            if (record.Entry is { } entry)
                _live[entry.Address] = entry;
            else if (record.Meta is { } meta)
                _meta = meta;
            else
                _live.Remove(record.Dropped);
            at += length;
        }

        _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(_file, at);
        _length = _compacted = at;
        var torn = bytes.Length - at;
        return new LedgerImage(true, [.. _live.Values], _meta, torn == 0 ? string.Empty : Text($"a torn tail of {torn} bytes was cut off"));
    }

    private LedgerImage SetAside(string reason, string why)
    {
        _live.Clear();
        _meta = LedgerMeta.None;
        var target = $"{_path}.{reason}";
        File.Move(_path, target, overwrite: true);
        return LedgerImage.Nothing($"the checkpoint was set aside as {target}: {why}");
    }

    private void Write()
    {
        if (_file is null)
            throw new IOException($"the checkpoint {_path} is not open");
        try
        {
            RandomAccess.Write(_file, _buffer.WrittenSpan, _length);
        }
        catch (IOException)
        {
            // What was written of it must not stand between this and the next record.
            RandomAccess.SetLength(_file, _length);
            throw;
        }

        _length += _buffer.WrittenCount;
    }

    private void CompactIfDue()
    {
        if (_length - _compacted <= Math.Max(_compactAt, _compacted))
            return;
        try
        {
            Replace([.. _live.Values], _meta);
        }
        catch (IOException)
        {
            // The record itself is kept in the longer file; the next try comes after as much growth again.
            _compacted = _length;
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
