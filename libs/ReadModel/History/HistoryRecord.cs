using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using WgMonitor.Events;
using WgMonitor.Peers;

namespace WgMonitor.ReadModel.History;

/// <summary>Something of a host that is over, or began, with one entry of the log. Times are Unix microseconds, 0 for never.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="Cause">The entry that made it known.</param>
public abstract record HistoryRecord(string Host, Cause Cause);

/// <summary>How the stay of a peer at an endpoint ended.</summary>
public enum EndpointEnd
{
    /// <summary>It has not, as far as is known.</summary>
    Open,

    /// <summary>The peer was seen elsewhere.</summary>
    Changed,

    /// <summary>The kernel printed that it has no endpoint any more.</summary>
    Cleared,

    /// <summary>The peer is gone.</summary>
    Gone,
}

/// <summary>A peer was at an endpoint, as the fold's state says: from <c>endpoint.since</c> until the line that showed another.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="Cause">The entry that ended it; of an open one, the last entry of the peer.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Interface">Its device.</param>
/// <param name="Endpoint">Where it was.</param>
/// <param name="Since">Since when, as far as lines tell.</param>
/// <param name="Until">Until when; 0 while it is there.</param>
/// <param name="End">How it ended.</param>
/// <param name="Trust">The lowest trust of the lines that made it.</param>
/// <param name="Certainty">How it is known.</param>
/// <param name="Complete">False where lines of the peer are known or suspected to be missing.</param>
public sealed record EndpointRecord(
    string Host, Cause Cause, PeerId Peer, string Interface, PeerEndpoint Endpoint, long Since, long Until, EndpointEnd End, TrustLevel Trust, EndpointCertainty Certainty, bool Complete)
    : HistoryRecord(Host, Cause);

/// <summary>A session, from <see cref="SessionStarted"/> to <see cref="SessionEnded"/>.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="Cause">The entry that made its end known; of an open one, the last entry of the peer.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Interface">Its device.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ended; 0 while it runs.</param>
/// <param name="LastAliveAt">Last sign of life in it.</param>
/// <param name="End">How it ended; null while it runs.</param>
/// <param name="Complete">False where lines of the peer are known or suspected to be missing.</param>
public sealed record SessionRecord(
    string Host, Cause Cause, PeerId Peer, string Interface, long Since, long Until, long LastAliveAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SessionEnd? End, bool Complete)
    : HistoryRecord(Host, Cause);

/// <summary>Peer numbers began anew.</summary>
/// <param name="Host">Host concerned.</param>
/// <param name="Cause">The entry that showed it.</param>
/// <param name="Epoch">The epoch that began.</param>
/// <param name="At">When.</param>
/// <param name="Reason">How it was noticed.</param>
public sealed record EpochRecord(string Host, Cause Cause, int Epoch, long At, EpochReason Reason) : HistoryRecord(Host, Cause);

/// <summary>Records as lines: one letter for the kind, host/epoch/number or the host, a blank, JSON. A reader finds its lines without unpacking JSON.</summary>
internal static class HistoryRecordLines
{
    public static byte[] Write(IEnumerable<HistoryRecord> records)
    {
        using var lines = new MemoryStream();
        foreach (var record in records)
        {
            lines.Write(Encoding.UTF8.GetBytes(Prefix(record)));
            switch (record)
            {
                case EndpointRecord endpoint:
                    JsonSerializer.Serialize(lines, endpoint, HistoryJson.Default.EndpointRecord);
                    break;
                case SessionRecord session:
                    JsonSerializer.Serialize(lines, session, HistoryJson.Default.SessionRecord);
                    break;
                case EpochRecord epoch:
                    JsonSerializer.Serialize(lines, epoch, HistoryJson.Default.EpochRecord);
                    break;
            }
            lines.WriteByte((byte)'\n');
        }
        return lines.ToArray();
    }

    /// <summary>The records of lines that begin and hold as wanted.</summary>
    /// <param name="lines">What <see cref="Write"/> gave.</param>
    /// <param name="prefix">As <see cref="EndpointsOf"/> and its like make it.</param>
    /// <param name="holds">Further text of a wanted line; empty for any.</param>
    /// <exception cref="JsonException">A line is none of ours.</exception>
    public static IEnumerable<HistoryRecord> Read(byte[] lines, byte[] prefix, byte[] holds)
    {
        for (int start = 0, end; start < lines.Length; start = end + 1)
        {
            end = Array.IndexOf(lines, (byte)'\n', start);
            if (end < 0) yield break;
            var line = lines.AsSpan(start, end - start);
            if (!line.StartsWith(prefix) || (holds.Length > 0 && line.IndexOf(holds) < 0)) continue;
            if (ReadOne(line) is { } record) yield return record;
        }
    }

    public static string EndpointsOf(string peer) => $"e{peer} ";

    public static string SessionsOf(string peer) => $"s{peer} ";

    public static string EpochsOf(string host) => $"h{host} ";

    private static HistoryRecord? ReadOne(ReadOnlySpan<byte> line)
    {
        var blank = line.IndexOf((byte)' ');
        if (blank < 0) return null;
        var json = line[(blank + 1)..];
        return line[0] switch
        {
            (byte)'e' => JsonSerializer.Deserialize(json, HistoryJson.Default.EndpointRecord),
            (byte)'s' => JsonSerializer.Deserialize(json, HistoryJson.Default.SessionRecord),
            (byte)'h' => JsonSerializer.Deserialize(json, HistoryJson.Default.EpochRecord),
            _ => null,
        };
    }

    private static string Prefix(HistoryRecord record) => record switch
    {
        EndpointRecord endpoint => EndpointsOf(StateKeys.Member(endpoint.Host, endpoint.Peer)),
        SessionRecord session => SessionsOf(StateKeys.Member(session.Host, session.Peer)),
        EpochRecord epoch => EpochsOf(epoch.Host),
        _ => throw new ArgumentOutOfRangeException(nameof(record), record, "no such kind of record"),
    };
}
