using System.Buffers;
using WgMonitor.Events;

namespace WgMonitor.Collector.Kernel;

/// <summary>What the text of a log line turned out to be.</summary>
public enum KernelParse : byte
{
    /// <summary>An event; <see cref="EventKind.Unrecognized"/> when the module said something no known wording matches.</summary>
    Event,

    /// <summary>No line of the module and none of interest.</summary>
    NotWireGuard,

    /// <summary>A known wording cut short, with something behind its end, or not where a kernel line has it.</summary>
    BadGrammar,
    BadInterface,
    BadPeer,
    BadEndpoint,
    BadNumber,
}

/// <summary>
/// Text of a kernel log line, without its syslog header, to event fields. Linear time, no allocation, never throws on input.
/// <para>Example: <c>[   27.319294] wireguard: wg0: Receiving keepalive packet from peer 17 (203.0.113.5:51820)</c>.</para>
/// <para>
/// Stripped in this order: blanks, <c>message repeated N times: [ … ]</c>, kernel stamp, caller bracket (<c>[ T158]</c>),
/// dynamic-debug decoration (<see cref="DynamicDebugPrefix"/>), then <c>wireguard: </c> or <c>amneziawg: </c>.
/// </para>
/// </summary>
public static class KernelMessageParser
{
    /// <summary>IFNAMSIZ less the final NUL; include/uapi/linux/if.h.</summary>
    private const int InterfaceBytesMax = 15;

    private static readonly SearchValues<byte> NotInDeviceNames = SearchValues.Create([.. "/: \t\n\v\f\r"u8, 0xa0]);

    private static readonly TemplateIndex DeviceMessages = new(KernelGrammar.DeviceMessages);
    private static readonly TemplateIndex ModuleMessages = new(KernelGrammar.ModuleMessages);
    private static readonly TemplateIndex BareMessages = new(KernelGrammar.BareMessages);
    private static readonly TemplateIndex NetworkDeviceMessages = new(KernelGrammar.NetworkDeviceMessages);

    /// <summary>Fills the fields that come from the text; host and times are the caller's.</summary>
    public static KernelParse Parse(ReadOnlySpan<byte> text, ref EventFields fields)
    {
        text = KernelStamp.TrimBlanks(text);
        text = RepeatedMessage.Strip(text, ref fields);
        text = KernelStamp.Strip(text, ref fields);
        if (TryStripModule(text, out var message, out var isAmnezia))
        {
            fields.IsAmnezia = isAmnezia;
            return ParseModuleLine(message, ref fields);
        }
        var bare = ParseBare(text, ref fields);
        if (bare != KernelParse.NotWireGuard) return bare;
        // "wireguard: " in a place where no kernel puts it: a forged or mangled line that somebody should look at.
        return text.IndexOf("wireguard: "u8) >= 0 ? KernelParse.BadGrammar : KernelParse.NotWireGuard;
    }

    private static bool TryStripModule(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> message, out bool isAmnezia)
    {
        isAmnezia = false;
        var decorated = DynamicDebugPrefix.Strip(text, "wireguard: "u8, out message);
        if (!decorated) decorated = isAmnezia = DynamicDebugPrefix.Strip(text, "amneziawg: "u8, out message);
        return decorated;
    }

    private static KernelParse ParseModuleLine(ReadOnlySpan<byte> message, ref EventFields fields)
    {
        var outcome = ParseDeviceOrModule(message, ref fields);
        if (outcome == KernelParse.Event) return outcome;
        // With the flags "+pm" the module's name stands twice. Tried second: a device may be called "wireguard".
        var module = fields.IsAmnezia ? "amneziawg: "u8 : "wireguard: "u8;
        if (message.StartsWith(module)) outcome = ParseDeviceOrModule(message = message[module.Length..], ref fields);
        if (outcome != KernelParse.NotWireGuard) return outcome;
        fields.Kind = EventKind.Unrecognized;
        fields.Text = message;
        return KernelParse.Event;
    }

    /// <summary><see cref="KernelParse.NotWireGuard"/> stands for a wording that is not known.</summary>
    private static KernelParse ParseDeviceOrModule(ReadOnlySpan<byte> message, ref EventFields fields)
    {
        var colon = message.IndexOf(": "u8);
        if (colon > 0 && IsDeviceName(message[..colon]))
        {
            var outcome = DeviceMessages.Parse(message[(colon + 2)..], ref fields);
            if (outcome == KernelParse.NotWireGuard) return outcome;
            fields.Interface = message[..colon];
            return colon > InterfaceBytesMax ? KernelParse.BadInterface : outcome;
        }
        return ModuleMessages.Parse(message, ref fields);
    }

    private static KernelParse ParseBare(ReadOnlySpan<byte> text, ref EventFields fields)
    {
        var outcome = BareMessages.Parse(text, ref fields);
        if (outcome == KernelParse.Event) return outcome;
        var colon = text.IndexOf(": renamed from "u8);
        if (colon <= 0 || colon > InterfaceBytesMax || !IsDeviceName(text[..colon])) return KernelParse.NotWireGuard;
        outcome = NetworkDeviceMessages.Parse(text[(colon + 2)..], ref fields);
        fields.Interface = text[..colon];
        return outcome == KernelParse.Event && fields.Text.Length <= InterfaceBytesMax ? outcome : KernelParse.NotWireGuard;
    }

    /// <summary>Any byte but <c>/</c>, <c>:</c> and white space: dev_valid_name in net/core/dev.c.</summary>
    private static bool IsDeviceName(ReadOnlySpan<byte> name) => !name.ContainsAny(NotInDeviceNames);
}
