using System.Text;
using System.Text.Json;
using WgMonitor.Events;
using WgMonitor.Peers;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel.History;

/// <summary>What was found, in order of its beginning.</summary>
/// <param name="Records">Ended and open ones.</param>
/// <param name="IsComplete">Everything between the asked times went into it.</param>
/// <param name="KnownSince">The earliest moment that is known, Unix milliseconds: 0 for always, null for none.</param>
public sealed record FoundRecords<T>(IReadOnlyList<T> Records, bool IsComplete, long? KnownSince) where T : HistoryRecord;

/// <summary>Endpoints and sessions of the past, as the history points hold them, and as the entries behind the last point add to them.</summary>
public sealed class RecordReader(PointReader points, HistoryReader history)
{
    private readonly OlderRecords older = new(history);

    /// <summary>Points whose records are held at once.</summary>
    private const int AtOnce = 64;

    /// <summary>Endpoints of a peer between two moments, as known at the later one.</summary>
    /// <param name="host">Its host.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="from">Unix milliseconds; what ended before is left out.</param>
    /// <param name="to">Unix milliseconds; entries up to there count.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<FoundRecords<EndpointRecord>> ReadEndpointsAsync(string host, PeerId peer, long from, long to, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(host, HistoryRecordLines.EndpointsOf(StateKeys.Member(host, peer)), "", record => IsOf(record, peer), from, to, cancellationToken);
        return Of<EndpointRecord>(found, from, record => record.Until);
    }

    /// <summary>Sessions of a peer, likewise.</summary>
    public async Task<FoundRecords<SessionRecord>> ReadSessionsAsync(string host, PeerId peer, long from, long to, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(host, HistoryRecordLines.SessionsOf(StateKeys.Member(host, peer)), "", record => IsOf(record, peer), from, to, cancellationToken);
        return Of<SessionRecord>(found, from, record => record.Until);
    }

    /// <summary>Who was at an address between two moments, as known at the later one.</summary>
    /// <param name="address">With whatever port.</param>
    /// <param name="from">Unix milliseconds; who had left it before is left out.</param>
    /// <param name="to">Unix milliseconds; entries up to there count.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<FoundRecords<EndpointRecord>> ReadUsersAsync(InternetAddress address, long from, long to, CancellationToken cancellationToken)
    {
        var holds = $"\"endpoint\":\"{(address.ToString().Contains(':', StringComparison.Ordinal) ? "[" : "")}{address}";
        var found = new List<Found>();
        // One partition after the other: the state of a whole partition is held, not of all.
        for (var partition = 0; partition < history.Partitions; partition++)
            found.Add(await ReadAsync(partition, null, "e", holds, record => record is EndpointRecord there && there.Endpoint.Address == address, from, to, cancellationToken));
        var knownSince = found.Any(some => some.KnownSince is null) ? (long?)null : found.Max(some => some.KnownSince);
        return Of<EndpointRecord>(new([.. found.SelectMany(some => some.Records)], found.All(some => some.IsComplete), knownSince, found.Max(some => some.Since)), from, record => record.Until);
    }

    /// <summary>
    /// Where in the log the epoch of a host begins, and the next one: between them its numbers mean the peers of that epoch. Complete is false when it is not known
    /// where it begins; then the first position is one at which it had begun.
    /// </summary>
    /// <param name="host">Its host.</param>
    /// <param name="epoch">Number of the epoch.</param>
    /// <param name="from">Unix milliseconds; what was before is not asked for.</param>
    /// <param name="to">Unix milliseconds; entries up to there count.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<(StreamId First, StreamId Last, bool IsComplete)> ReadEpochAsync(string host, int epoch, long from, long to, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(history.PartitionOf(host), host, HistoryRecordLines.EpochsOf(host), "", record => record is EpochRecord, from, to, cancellationToken);
        var unknown = found.Since == StreamId.Zero ? StreamId.Zero : found.Since.Next();
        var (first, last) = (unknown, HistoryReader.LastOf(to));
        foreach (var begun in found.Records.OfType<EpochRecord>())
        {
            var cause = new StreamId(begun.Cause.Milliseconds, begun.Cause.Sequence);
            if (begun.Epoch <= epoch && cause > first) first = cause;
            else if (begun.Epoch > epoch && cause.Previous() < last) last = cause.Previous();
        }
        return (first, last, found.IsComplete || first > unknown);
    }

    private Task<Found> ReadAsync(string host, string prefix, string holds, Func<HistoryRecord, bool> wants, long from, long to, CancellationToken cancellationToken) =>
        from > to ? Task.FromResult(new Found([], true, 0, StreamId.Zero)) : ReadAsync(history.PartitionOf(host), host, prefix, holds, wants, from, to, cancellationToken);

    private async Task<Found> ReadAsync(
        int partition, string? host, string prefix, string holds, Func<HistoryRecord, bool> wants, long from, long to, CancellationToken cancellationToken)
    {
        var asked = host is null ? history.Partitions : 1;
        var moment = await history.ReadPartitionAsync(partition, HistoryReader.LastOf(to), host, asked, cancellationToken);
        var records = new List<HistoryRecord>();
        var broken = false;
        var (starts, also) = (Encoding.UTF8.GetBytes(prefix), Encoding.UTF8.GetBytes(holds));
        foreach (var some in moment.Points.Chunk(AtOnce))
        {
            foreach (var lines in await Task.WhenAll(some.Select(point => points.ReadAsync(partition, point, PointFields.Records, cancellationToken))))
            {
                if (lines is null) broken = true;
                else records.AddRange(Parsed(lines, starts, also, ref broken).Where(wants));
            }
        }
        foreach (var name in host is null ? moment.Hosts : [host])
        {
            if (await moment.ReadAsync(name, cancellationToken) is not { } state) continue;
            foreach (var peer in state.Peers.Values) records.AddRange(RecordCollector.Open(state, peer).Where(wants));
        }
        records.AddRange(moment.Records.Where(wants));
        var (complete, knownSince, since) = (moment.IsComplete && !broken, moment.KnownSince, moment.Points.Count == 0 ? StreamId.Zero : moment.Points[0].From);
        if (since == StreamId.Zero || since.Milliseconds <= from) return new(records, complete, knownSince?.Milliseconds, since);
        // Points go with the entries in Redis; what they said of the time before is told from the archive.
        if (await older.ReadAsync(partition, since, host, asked, isAsked: from > 0, cancellationToken) is not { } gone) return new(records, false, (knownSince == StreamId.Zero ? since : knownSince)?.Milliseconds, since);
        records.AddRange(gone.Where(wants));
        return new(records, complete, knownSince?.Milliseconds, StreamId.Zero);
    }

    private static List<HistoryRecord> Parsed(byte[] lines, byte[] prefix, byte[] holds, ref bool broken)
    {
        try
        {
            return [.. HistoryRecordLines.Read(lines, prefix, holds)];
        }
        catch (JsonException)
        {
            broken = true;
            return [];
        }
    }

    private static FoundRecords<T> Of<T>(Found found, long from, Func<T, long> until) where T : HistoryRecord
    {
        var wanted = Latest(found.Records.OfType<T>()).Where(record => until(record) == 0 || until(record) >= from * 1_000).OrderBy(SinceOf).ThenBy(record => record.Host, StringComparer.Ordinal);
        return new([.. wanted], found.IsComplete && found.KnownSince <= from, found.KnownSince);
    }

    /// <summary>
    /// A peer that was taken for gone and came back is where it was since then: the later record of one stay replaces the earlier, an open one both.
    /// </summary>
    private static IEnumerable<T> Latest<T>(IEnumerable<T> records) where T : HistoryRecord =>
        records.GroupBy(StayOf).Select(same => same.FirstOrDefault(record => IsOpen(record)) ?? same.MaxBy(record => (record.Cause.Milliseconds, record.Cause.Sequence))!);

    private static (string Host, PeerId Peer, PeerEndpoint Endpoint, long Since) StayOf(HistoryRecord record) => record switch
    {
        EndpointRecord there => (there.Host, there.Peer, there.Endpoint, there.Since),
        SessionRecord session => (session.Host, session.Peer, PeerEndpoint.None, session.Since),
        _ => (record.Host, default, PeerEndpoint.None, record.Cause.Milliseconds),
    };

    private static bool IsOpen(HistoryRecord record) => record is EndpointRecord { Until: 0 } or SessionRecord { Until: 0 };

    private static long SinceOf(HistoryRecord record) => StayOf(record).Since;

    private static bool IsOf(HistoryRecord record, PeerId peer) => record switch
    {
        EndpointRecord there => there.Peer == peer,
        SessionRecord session => session.Peer == peer,
        _ => false,
    };

    /// <param name="Records">What was found.</param>
    /// <param name="IsComplete">All of it is there.</param>
    /// <param name="KnownSince">The earliest moment that is known, Unix milliseconds: 0 for always, null for none.</param>
    /// <param name="Since">Behind which position it is told what ended and began; zero for the beginning.</param>
    private sealed record Found(IReadOnlyList<HistoryRecord> Records, bool IsComplete, long? KnownSince, StreamId Since);
}
