using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Prometheus;
using StackExchange.Redis;
using WgMonitor.Events;
using WgMonitor.ReadModel;
using WgMonitor.Streams;

namespace WgMonitor.Collector.Sources;

/// <summary>What became of the hashes of the original tool.</summary>
/// <param name="Peers">Hashes that say something of a peer.</param>
/// <param name="Appended">Of these, now in the log.</param>
/// <param name="Already">Of these, in the log since an earlier run.</param>
/// <param name="OtherTypes">Keys of that name that are no hash.</param>
/// <param name="Broken">Keys without a number, and hashes whose values the original does not write.</param>
public sealed record ImportedCounts(int Peers, int Appended, int Already, int OtherTypes, int Broken);

/// <summary>The import cannot be done as it is asked for. The message is a sentence that says what to do.</summary>
public sealed class ImportRefusedException(string message) : Exception(message);

/// <summary>
/// What wireguard-peer-monitoring knew of its peers, as events: read its hashes → one <see cref="PeerImported"/> a peer, in the order of their numbers → append to
/// the partition of the host. The batches are numbered under a name made from what they say, so that the same hashes are imported once, however often it is run,
/// and one that was interrupted goes on.
/// </summary>
public sealed class LegacyImport
{
    private const int PageSize = 500;
    private const int ValueCharsMax = 64;
    private const int AttemptsMax = 5;

    // The clock of the machine where the original ran may be ahead.
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly RedisValue[] Fields = [.. LegacyPeerHash.FieldNames.Select(name => (RedisValue)name)];
    private static readonly SearchValues<char> DeviceLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=+.-");

    private readonly StreamOptions stream;
    private readonly int peersMax;
    private readonly TimeProvider time;
    private readonly StreamTopology topology;
    private readonly EventAppender appender;

    /// <param name="redis">Where the log is.</param>
    /// <param name="stream">Its shape.</param>
    /// <param name="peersMax">Peers that the fold takes of a host.</param>
    /// <param name="time">The time of the import.</param>
    public LegacyImport(IConnectionMultiplexer redis, StreamOptions stream, int peersMax, TimeProvider time)
    {
        (this.stream, this.peersMax, this.time) = (stream, peersMax, time);
        var keys = new StreamKeys(stream.Prefix);
        topology = new(redis, keys, Options.Create(stream), time);
        appender = new(redis, keys, Options.Create(stream), new StreamMetrics(Metrics.NewCustomRegistry()), time);
    }

    /// <summary>The name as it stands in events; false for what can be none.</summary>
    /// <param name="name">As given.</param>
    /// <param name="options">Domains to cut off.</param>
    /// <param name="host">Normalised.</param>
    public static bool TryHost(string name, CollectorOptions options, out string host)
    {
        var isName = HostName.TryNormalize(name, options, out var bytes);
        host = Encoding.ASCII.GetString(bytes);
        return isName;
    }

    /// <summary>A name that a device can have and that needs no escape, as wg-quick takes it.</summary>
    public static bool IsDevice(string name) => name.Length is >= 1 and <= 15 && !name.AsSpan().ContainsAnyExcept(DeviceLetters);

    /// <summary>Reads the hashes and appends what they say. Throws what the client throws while it reads; run it again then.</summary>
    /// <param name="source">Where the hashes are; its default database counts.</param>
    /// <param name="host">Whose peers they are, as in events.</param>
    /// <param name="device">Their device.</param>
    /// <param name="cancellationToken">Stops it; what was appended stays.</param>
    /// <exception cref="StreamTopologyException">The log does not fit the configuration.</exception>
    /// <exception cref="ImportRefusedException">There are too many, or Redis does not take them.</exception>
    public async Task<ImportedCounts> RunAsync(IConnectionMultiplexer source, string host, string device, CancellationToken cancellationToken)
    {
        await topology.EnsureAsync(cancellationToken);
        var now = UnixMicroseconds.Now(time);
        var (peers, counts) = await ReadAsync(source, host, device, now, cancellationToken);
        var partition = Partitioner.PartitionOf(Encoding.UTF8.GetBytes(host), stream.Partitions);
        var producer = ProducerOf(peers);
        var number = 0L;
        foreach (var part in peers.Chunk(PageSize))
        {
            var appended = await AppendAsync(partition, producer, ++number, part, cancellationToken);
            counts = appended ? counts with { Appended = counts.Appended + part.Length } : counts with { Already = counts.Already + part.Length };
        }
        return counts;
    }

    private async Task<(List<PeerImported> Peers, ImportedCounts Counts)> ReadAsync(IConnectionMultiplexer source, string host, string device, long now, CancellationToken cancellationToken)
    {
        var header = new EventHeader(host, now, now);
        var found = new SortedDictionary<ulong, PeerImported>();
        var (otherTypes, broken) = (0, 0);
        var database = source.GetDatabase();
        foreach (var server in source.GetServers().Where(server => server is { IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(database.Database, $"{LegacyPeerHash.KeyPrefix}*", PageSize).WithCancellation(cancellationToken))
            {
                if (!LegacyPeerHash.TryNumber(key.ToString(), out var number))
                {
                    broken++;
                    continue;
                }
                if (await ValuesAsync(database, key) is not { } values) otherTypes++;
                else if (!TryRead(values, now, out var endpoint, out var handshake, out var keepalive)) broken++;
                // A scan may give a key twice.
                else found[number] = new(header, device, number, endpoint, handshake, keepalive);
                if (found.Count > peersMax) throw new ImportRefusedException($"There are more than {peersMax} hashes {LegacyPeerHash.KeyPrefix}N. Raise state.peers_per_host_max, everywhere, or delete those of peers that are no more.");
            }
        }
        return ([.. found.Values], new(found.Count, 0, 0, otherTypes, broken));
    }

    /// <summary>Null for a key that is no hash.</summary>
    private static async Task<RedisValue[]?> ValuesAsync(IDatabase database, RedisKey key)
    {
        try
        {
            return await database.HashGetAsync(key, Fields);
        }
        catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType)
        {
            return null;
        }
    }

    private static bool TryRead(RedisValue[] values, long now, out PeerEndpoint endpoint, out long handshake, out long keepalive)
    {
        (endpoint, handshake, keepalive) = (PeerEndpoint.None, 0, 0);
        if (values.Any(value => value.Length() > ValueCharsMax)) return false;
        return LegacyPeerHash.TryDecode([.. values.Select(value => value.IsNull ? null : value.ToString())], now + (long)Ahead.TotalMicroseconds, out endpoint, out handshake, out keepalive);
    }

    /// <summary>Without the time of the import: the same hashes have the same name.</summary>
    private static string ProducerOf(List<PeerImported> peers)
    {
        var said = string.Join('\n', peers.Select(peer => string.Create(
            CultureInfo.InvariantCulture, $"{peer.Header.Host} {peer.Interface} {peer.Peer} {peer.Endpoint} {peer.LastHandshake} {peer.LastKeepalive}")));
        return $"import-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said)))[..32]}";
    }

    /// <summary>False when the batch stood in the log before.</summary>
    private async Task<bool> AppendAsync(int partition, string producer, long number, PeerImported[] peers, CancellationToken cancellationToken)
    {
        var batch = new EventBatch();
        foreach (var peer in peers) batch.Add(peer);
        var reason = "";
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            if (attempt > 1) await Task.Delay(Pause, time, cancellationToken);
            switch (await appender.AppendAsync(partition, producer, number, batch, cancellationToken))
            {
                case AppendOutcome.Appended: return true;
                case AppendOutcome.AlreadyAppended: return false;
                case AppendOutcome.Refused refused: throw new ImportRefusedException($"Redis does not take them ({refused.Reason}).");
                case AppendOutcome.Retry retry: reason = retry.Reason; break;
            }
        }
        throw new ImportRefusedException($"Redis did not take them ({reason}). Run it again: what stands in the log is not appended twice.");
    }
}
