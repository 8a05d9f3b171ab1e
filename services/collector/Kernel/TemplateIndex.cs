using WgMonitor.Events;

namespace WgMonitor.Collector.Kernel;

/// <summary>Templates by their first byte; within one byte in the order of the grammar.</summary>
internal sealed class TemplateIndex
{
    private readonly KernelTemplate[][] byFirstByte = new KernelTemplate[256][];

    public TemplateIndex(IEnumerable<KernelTemplate> templates)
    {
        Array.Fill(byFirstByte, []);
        foreach (var group in templates.GroupBy(template => template.FirstByte)) byFirstByte[group.Key] = [.. group];
    }

    /// <summary>
    /// The first template that matches decides. Where none does, the first that agreed up to a bad value, a cut or a trailing text says why;
    /// <see cref="KernelParse.NotWireGuard"/> where no wording agrees.
    /// </summary>
    public KernelParse Parse(ReadOnlySpan<byte> message, ref EventFields fields)
    {
        if (message.IsEmpty) return KernelParse.NotWireGuard;
        var reason = KernelParse.NotWireGuard;
        foreach (var template in byFirstByte[message[0]])
        {
            var match = template.Match(message, ref fields);
            if (match == TemplateMatch.Matched)
            {
                fields.Kind = template.Kind;
                if (EventTexts.KeepsWholeText(template.Kind)) fields.Text = message;
                return KernelParse.Event;
            }
            if (reason == KernelParse.NotWireGuard) reason = ReasonOf(match);
        }
        return reason;
    }

    private static KernelParse ReasonOf(TemplateMatch match) => match switch
    {
        TemplateMatch.Truncated or TemplateMatch.Trailing => KernelParse.BadGrammar,
        TemplateMatch.BadPeer => KernelParse.BadPeer,
        TemplateMatch.BadEndpoint or TemplateMatch.BadAddress => KernelParse.BadEndpoint,
        TemplateMatch.BadNumber => KernelParse.BadNumber,
        _ => KernelParse.NotWireGuard,
    };
}

/// <summary>Events that keep the message as their text, because it has no other field worth one.</summary>
internal static class EventTexts
{
    public static bool KeepsWholeText(EventKind kind) => kind is EventKind.PacketMalformed or EventKind.ModuleTainted
        or EventKind.ModuleRequirementMissing or EventKind.ModuleSelfTest or EventKind.TriePrinted;
}
