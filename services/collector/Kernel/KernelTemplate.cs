using System.Text;
using WgMonitor.Events;

namespace WgMonitor.Collector.Kernel;

/// <summary>How far a text agrees with a template.</summary>
internal enum TemplateMatch : byte
{
    Matched,

    /// <summary>Another wording.</summary>
    Different,

    /// <summary>The wording of this template, cut short.</summary>
    Truncated,

    /// <summary>All of this template, and then something more.</summary>
    Trailing,
    BadPeer,
    BadEndpoint,
    BadAddress,
    BadNumber,
}

/// <summary>
/// One wording of the kernel with its placeholders, compiled to literals and fields. Matching takes the whole text or nothing,
/// reads every byte once and allocates nothing. <c>{{</c> and <c>}}</c> stand for the braces themselves.
/// </summary>
internal sealed class KernelTemplate
{
    private readonly TemplatePart[] parts;

    public KernelTemplate(EventKind kind, string template)
    {
        Kind = kind;
        parts = [.. TemplatePart.Compile(template)];
        FirstByte = parts[0].Literal[0];
    }

    public EventKind Kind { get; }

    /// <summary>Every template begins with a literal; templates are looked up by this byte.</summary>
    public byte FirstByte { get; }

    public TemplateMatch Match(ReadOnlySpan<byte> text, ref EventFields fields)
    {
        var rest = text;
        foreach (var part in parts)
        {
            var outcome = part.Literal.Length > 0 ? TakeLiteral(part.Literal, ref rest) : TakeField(part.Field, ref rest, ref fields);
            if (outcome != TemplateMatch.Matched) return outcome;
        }
        return rest.IsEmpty ? TemplateMatch.Matched : TemplateMatch.Trailing;
    }

    private TemplateMatch TakeLiteral(byte[] literal, ref ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith(literal))
        {
            rest = rest[literal.Length..];
            return TemplateMatch.Matched;
        }
        // Only a text that passed the first literal can be called a cut line of this wording.
        return literal != parts[0].Literal && rest.Length < literal.Length && literal.AsSpan().StartsWith(rest) ? TemplateMatch.Truncated : TemplateMatch.Different;
    }

    private static TemplateMatch TakeField(TemplateField field, ref ReadOnlySpan<byte> rest, ref EventFields fields)
    {
        if (rest.IsEmpty) return TemplateMatch.Truncated;
        switch (field)
        {
            case TemplateField.Peer: return TakePeer(ref rest, ref fields);
            case TemplateField.Endpoint: return TakeEndpoint(ref rest, ref fields);
            case TemplateField.Address: return TakeAddress(ref rest, ref fields);
            case TemplateField.Word or TemplateField.Other: return TakeWord(field, ref rest, ref fields);
            case TemplateField.Keypair or TemplateField.Nonce or TemplateField.NonceMax or TemplateField.Count or TemplateField.Number:
                return TakeUnsigned(field, ref rest, ref fields);
            case TemplateField.Seconds or TemplateField.Attempt or TemplateField.Error: return TakeSigned(field, ref rest, ref fields);
            default: return TakeTrieText(field, ref rest);
        }
    }

    private static TemplateMatch TakePeer(ref ReadOnlySpan<byte> rest, ref EventFields fields)
    {
        if (!DecimalText.TryParsePrefix(rest, out ulong peer, out var consumed))
        {
            // A word where the number stood is a wording we do not know; anything else is a bad number.
            return char.IsAsciiLetter((char)rest[0]) ? TemplateMatch.Different : TemplateMatch.BadPeer;
        }
        if (consumed < rest.Length && rest[consumed] is not ((byte)' ')) return TemplateMatch.BadPeer;
        fields.Peer = peer;
        rest = rest[consumed..];
        return TemplateMatch.Matched;
    }

    private static TemplateMatch TakeEndpoint(ref ReadOnlySpan<byte> rest, ref EventFields fields)
    {
        if (!PeerEndpoint.TryParsePrefix(rest, out var endpoint, out var consumed)) return TemplateMatch.BadEndpoint;
        if (consumed < rest.Length && (char.IsAsciiLetterOrDigit((char)rest[consumed]) || rest[consumed] == '.')) return TemplateMatch.BadEndpoint;
        fields.Endpoint = endpoint;
        rest = rest[consumed..];
        return TemplateMatch.Matched;
    }

    private static TemplateMatch TakeAddress(ref ReadOnlySpan<byte> rest, ref EventFields fields)
    {
        if (!InternetAddress.TryParsePrefix(rest, out var address, out var consumed)) return TemplateMatch.BadAddress;
        fields.Address = address;
        rest = rest[consumed..];
        return TemplateMatch.Matched;
    }

    private static TemplateMatch TakeUnsigned(TemplateField field, ref ReadOnlySpan<byte> rest, ref EventFields fields)
    {
        if (!DecimalText.TryParsePrefix(rest, out ulong value, out var consumed)) return TemplateMatch.BadNumber;
        rest = rest[consumed..];
        switch (field)
        {
            case TemplateField.Keypair: fields.Keypair = value; break;
            case TemplateField.Nonce: fields.Nonce = value; break;
            case TemplateField.NonceMax: fields.NonceMax = value; break;
            case TemplateField.Count: fields.Count = (long)Math.Min(value, long.MaxValue); break;
        }
        return TemplateMatch.Matched;
    }

    private static TemplateMatch TakeSigned(TemplateField field, ref ReadOnlySpan<byte> rest, ref EventFields fields)
    {
        if (!DecimalText.TryParsePrefix(rest, out int value, out var consumed)) return TemplateMatch.BadNumber;
        rest = rest[consumed..];
        switch (field)
        {
            case TemplateField.Seconds: fields.Seconds = value; break;
            case TemplateField.Attempt: fields.Attempt = value; break;
            case TemplateField.Error: fields.Error = value; break;
        }
        return TemplateMatch.Matched;
    }

    private static TemplateMatch TakeWord(TemplateField field, ref ReadOnlySpan<byte> rest, ref EventFields fields)
    {
        var end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        if (word.IsEmpty) return TemplateMatch.Different;
        if (field == TemplateField.Word) fields.Text = word;
        rest = rest[word.Length..];
        return TemplateMatch.Matched;
    }

    private static TemplateMatch TakeTrieText(TemplateField field, ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAny((byte)'"', (byte)',');
        var taken = end < 0 ? rest : rest[..end];
        var valid = field switch
        {
            TemplateField.Cidr => taken.IndexOf((byte)'/') is > 0 and var slash
                && InternetAddress.TryParse(taken[..slash], out _) && DecimalText.TryParse(taken[(slash + 1)..], out int _),
            TemplateField.Style => !taken.IsEmpty && !taken.ContainsAnyExceptInRange((byte)'a', (byte)'z'),
            _ => taken.Length == 6,
        };
        rest = rest[taken.Length..];
        return valid ? TemplateMatch.Matched : TemplateMatch.Different;
    }
}

internal enum TemplateField : byte { None, Peer, Endpoint, Address, Keypair, Nonce, NonceMax, Count, Number, Seconds, Attempt, Error, Word, Other, Cidr, Style, Hex }

internal readonly record struct TemplatePart(byte[] Literal, TemplateField Field)
{
    public static IEnumerable<TemplatePart> Compile(string template)
    {
        var literal = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            var doubled = i + 1 < template.Length && template[i + 1] == template[i];
            if (template[i] is '{' or '}' && doubled)
            {
                literal.Append(template[i++]);
                continue;
            }
            if (template[i] != '{')
            {
                literal.Append(template[i]);
                continue;
            }
            if (literal.Length > 0) yield return new(Encoding.ASCII.GetBytes(literal.ToString()), TemplateField.None);
            literal.Clear();
            var end = template.IndexOf('}', i);
            yield return new([], Enum.Parse<TemplateField>(template[(i + 1)..end].Replace("_", ""), ignoreCase: true));
            i = end;
        }
        if (literal.Length > 0) yield return new(Encoding.ASCII.GetBytes(literal.ToString()), TemplateField.None);
    }
}
