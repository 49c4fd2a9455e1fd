using System.Buffers;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation.Checkpoint;

/// <summary>
/// An append-only file on tmpfs. A killed process loses no page cache, so nothing is synced; a reboot loses the file, and the
/// boot id in its header voids one that survived. A torn tail is cut; a file that is not ours to read is set aside.
/// </summary>
public sealed partial class FileLedgerStore : ILedgerStore, IDisposable
{
    private const long MaxFile = 64L << 20;

    private readonly string _path;
    private readonly string _bootId;
    private readonly int _compactAt;
    private readonly ILogger _logger;
    private readonly SortedDictionary<IpAddress, LedgerRecord> _live = [];
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private LedgerMeta _meta = LedgerMeta.None;
    private SafeFileHandle? _file;
    private long _length;
    private long _compactAbove;
    private long _failedCompactions;
    private bool _torn;

    /// <summary>A store in one file; <see cref="Load"/> comes first.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="bootId">Of this boot.</param>
    /// <param name="compactAt">The file is rewritten when it has grown by this many bytes, and by as much as it had.</param>
    /// <param name="logger">Told of a rewrite that failed.</param>
    public FileLedgerStore(string path, string bootId, int compactAt = 256 * 1024, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(bootId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bootId.Length, 64, nameof(bootId));
        _path = path;
        _bootId = bootId;
        _compactAt = compactAt;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    public long FailedCompactions => Interlocked.Read(ref _failedCompactions);

    /// <inheritdoc/>
    public LedgerImage Load()
    {
        _file?.Dispose();
        _file = null;
        _live.Clear();
        _meta = LedgerMeta.None;
        _torn = false;
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

        return bootId == _bootId ? Replay(bytes, headerLength, version) : LedgerImage.Nothing($"the checkpoint is of boot {bootId}");
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

        // Whatever fails here, the old file stays open and in use: the new one takes its place whole or not at all.
        var file = Install(output.WrittenSpan);
        _file?.Dispose();
        _file = file;
        _torn = false;
        _length = output.WrittenCount;
        _compactAbove = _length + Math.Max(_compactAt, _length);
        _meta = meta;
        var kept = records.ToArray();
        _live.Clear();
        foreach (var record in kept)
            _live[record.Address] = record;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // The handle outlives the rename, so nothing has to be opened once the name points to the new file.
    private SafeFileHandle Install(ReadOnlySpan<byte> content)
    {
        var temporary = _path + ".new";
        SafeFileHandle? file = null;
        try
        {
            File.Delete(temporary);
            file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            RandomAccess.Write(file, content, 0);
            File.Move(temporary, _path, overwrite: true);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            Remove(temporary);
            throw e as IOException ?? new IOException(e.Message, e);
        }
    }

    private void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next rewrite removes it first.
            LeftBehind(_logger, temporary, e.Message);
        }
    }

    private LedgerImage Replay(ReadOnlySpan<byte> bytes, int start, int version)
    {
        var at = start;
        while (at < bytes.Length)
        {
            if (!RecordCodec.TryRead(bytes[at..], version, out var length, out var record))
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

        // A file of an older format is not appended to: Replace comes first and brings it up to date.
        if (version == RecordCodec.Version)
        {
            _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.SetLength(_file, at);
            _length = at;
            _compactAbove = _length + Math.Max(_compactAt, _length);
        }

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
        // What was written of a record that failed must not stand between its predecessor and the next one.
        if (_torn)
            RandomAccess.SetLength(_file, _length);
        _torn = true;
        RandomAccess.Write(_file, _buffer.WrittenSpan, _length);
        _torn = false;
        _length += _buffer.WrittenCount;
    }

    private void CompactIfDue()
    {
        if (_length <= _compactAbove)
            return;
        try
        {
            Replace([.. _live.Values], _meta);
        }
        catch (IOException e)
        {
            // The record itself is kept, in the longer file.
            _compactAbove = _length + _compactAt;
            Interlocked.Increment(ref _failedCompactions);
            CompactionFailed(_logger, _path, _length, e.Message, _compactAt);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
