using WgMonitor.Collector.Syslog;

namespace WgMonitor.Collector;

/// <summary>Decides by the program name whether a message can be the kernel's, and where the kernel's own text begins.</summary>
internal static class KernelSource
{
    /// <summary>False with the reason when another program wrote the message.</summary>
    public static bool TryLocate(scoped in SyslogMessage message, out ReadOnlySpan<byte> text, out LineOutcome refusal)
    {
        text = message.Text;
        refusal = LineOutcome.IgnoredNotKernel;
        var app = message.AppName;
        if (app.SequenceEqual("kernel"u8)) return true;
        if (app.IsEmpty)
        {
            // RFC 3164 lets a tag end with any character; some forwarders leave the colon out.
            if (text.StartsWith("kernel "u8)) text = text["kernel "u8.Length..];
            if (!text.StartsWith("last message repeated "u8)) return true;
            refusal = LineOutcome.IgnoredRepeatWithoutText;
            return false;
        }
        if (IsKernelPrefix(app))
        {
            // No program name was sent and the first word of the line stood in its place.
            text = message.TaggedText;
            return true;
        }
        if (IsOtherImplementation(app)) refusal = LineOutcome.IgnoredOtherImplementation;
        return false;
    }

    private static bool IsKernelPrefix(ReadOnlySpan<byte> app) =>
        app.SequenceEqual("wireguard"u8) || app.SequenceEqual("amneziawg"u8) || app.SequenceEqual("net_ratelimit"u8);

    /// <summary>Same words, other program: their peers are no numbers of this kernel.</summary>
    private static bool IsOtherImplementation(ReadOnlySpan<byte> app) =>
        app.StartsWith("wireguard-go"u8) || app.StartsWith("amneziawg-go"u8) || app.StartsWith("boringtun"u8)
        || app.StartsWith("wg-quick"u8) || app.StartsWith("/bsd"u8);
}
