using System.Globalization;
using WgMonitor.Collector.Spool;
using WgMonitor.Collector.Trust;

namespace WgMonitor.Collector.Relp;

/// <summary>
/// The RELP senders whose last messages are known, so that each line stands in the log once although RELP delivers at least once. With a spool this holds
/// across a crash of the collector: what was on disk is read back at the start. Bounded: of more than <see cref="SendersMax"/> the one that connected longest ago is
/// forgotten, if it is not connected.
/// </summary>
/// <remarks>
/// Two messages of the kernel are never the same, as their stamps count microseconds since the boot. Without stamps (<c>printk.time=0</c>) two equal lines within
/// <see cref="RelpSender.FramesMax"/> of a broken session pass for one. A hash of another message meets one of those of a sender once in 10^12 broken sessions.
/// </remarks>
internal sealed class RelpSenders
{
    public const int SendersMax = 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<ulong, RelpSender> senders = [];
    private readonly IdentityHash hash;
    private long seen;

    /// <summary>With what an earlier run left in the spool; null without one.</summary>
    public RelpSenders(SpoolDirectory? spool)
    {
        AreStored = spool is not null;
        // The values must be the same in the next run: the random id of the spool is known to no sender.
        hash = spool is null ? new() : new(ulong.Parse(spool.Id, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (spool is null) return;
        foreach (var frame in spool.Attached.SelectMany(attached => RelpFrameId.ReadAll(attached))) Of(frame.Sender).Add(frame, default);
        spool.ForgetAttached();
    }

    /// <summary>Ids of messages go to disk with their events.</summary>
    public bool AreStored { get; }

    /// <summary>A session of this sender begins. Told by its certificate where it has one, else by its address.</summary>
    public RelpSender Opened(in FrameSource source)
    {
        var id = source.CertificateHost is { } host ? hash.Of(host) : hash.Of(source.Address);
        lock (gate)
        {
            var sender = Of(id);
            lock (sender.Gate) sender.Opened(++seen);
            return sender;
        }
    }

    public RelpFrameId IdOf(RelpSender sender, ReadOnlySpan<byte> message) => new(sender.Id, hash.Of(message, sender.Id));

    private RelpSender Of(ulong id)
    {
        if (senders.TryGetValue(id, out var known)) return known;
        if (senders.Count >= SendersMax && senders.Values.Where(sender => !sender.IsConnected).MinBy(sender => sender.LastSeen) is { } oldest) senders.Remove(oldest.Id);
        return senders[id] = new(id, ++seen);
    }
}
