using System.Globalization;
using System.Text;

namespace WgMonitor.Collector.Spool;

/// <summary>
/// The files of a spool by name: <c>p03of08-c0ffee0123456789-0000001844674407370.spool</c> holds batches of partition 3 of 8, from a producer, from that
/// number on. There is no other file that could contradict them. Links are left alone.
/// </summary>
/// <param name="directory">Full path.</param>
/// <param name="partitions">Of the log.</param>
/// <param name="producer">16 hexadecimal digits.</param>
/// <param name="options">Bounds.</param>
/// <param name="logger">Log.</param>
internal sealed class SpoolFiles(string directory, int partitions, string producer, SpoolOptions options, ILogger logger)
{
    private const long SegmentBytesMin = 64 << 10, SegmentBytesMax = 8 << 20;

    private readonly uint seed = Crc32C.Append(uint.MaxValue, Encoding.ASCII.GetBytes(producer));

    /// <summary>Length at which a segment ends: small enough that dropping one, or keeping a half empty one, is little beside the whole spool.</summary>
    public long SegmentBytes { get; } = Math.Clamp(options.BytesMax / (4L * partitions), SegmentBytesMin, SegmentBytesMax);

    /// <summary>What the names in a directory say, in the order of the numbers.</summary>
    public static IReadOnlyList<(string Path, int Partition, int Partitions, string Producer, long FirstNumber)> List(string directory, ILogger logger)
    {
        var found = new List<(string, int, int, string, long)>();
        foreach (var file in new DirectoryInfo(directory).EnumerateFileSystemInfos().OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            if (!TryRead(file.Name, out var name)) continue;
            if (file is not FileInfo || file.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                SpoolLog.NoFile(logger, file.FullName);
                continue;
            }
            found.Add((file.FullName, name.Partition, name.Partitions, name.Producer, name.FirstNumber));
        }
        return found;
    }

    /// <summary>The segments that an earlier run left.</summary>
    public IEnumerable<SpoolSegment> Open(int partition) =>
        List(directory, logger).Where(file => file.Partition == partition && file.Partitions == partitions && file.Producer == producer)
            .Select(file => SpoolSegment.Open(file.Path, partition, seed, file.FirstNumber));

    /// <exception cref="IOException">The disk refuses.</exception>
    public SpoolSegment Create(int partition, long firstNumber)
    {
        var segment = SpoolSegment.Create(Path.Combine(directory, Name(partition, partitions, producer, firstNumber)), partition, seed, firstNumber);
        if (options.Level == Durability.Fsync) DirectorySync.Flush(directory);
        return segment;
    }

    /// <summary>A file that cannot be removed is left and found again at the next start, when Redis tells that it is appended.</summary>
    public void Delete(SpoolSegment segment)
    {
        try
        {
            segment.Delete();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            SpoolLog.NotRemoved(logger, segment.Path, exception.Message);
        }
    }

    public void ReadFailed(SpoolSegment segment, Exception exception) => SpoolLog.ReadFailed(logger, segment.Path, exception.Message);

    private static string Name(int partition, int partitions, string producer, long firstNumber) =>
        string.Create(CultureInfo.InvariantCulture, $"p{partition:D2}of{partitions:D2}-{producer}-{firstNumber:D19}.spool");

    /// <summary>True only for what <see cref="Name"/> writes.</summary>
    private static bool TryRead(string name, out (int Partition, int Partitions, string Producer, long FirstNumber) read)
    {
        read = default;
        if (name.Split('-') is not [var place, var producer, var rest]) return false;
        var numbers = place.TrimStart('p').Split("of");
        if (numbers.Length != 2 || producer.Length != 16 || !producer.All(char.IsAsciiHexDigitLower)) return false;
        if (!int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)) return false;
        if (!int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var partitions)) return false;
        if (!long.TryParse(rest.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return false;
        read = (partition, partitions, producer, first);
        return Name(partition, partitions, producer, first) == name;
    }
}
