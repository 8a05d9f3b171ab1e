using System.Security.Cryptography;
using System.Text;

namespace WgMonitor.Notifier;

/// <summary>
/// Standard Webhooks 1.0.0, symmetric: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>. A secret is
/// <c>whsec_</c> and the base64 of 24 to 64 random bytes. With two secrets, as while they are exchanged, both signatures are sent.
/// </summary>
/// <remarks>Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.</remarks>
internal sealed class WebhookSignature(IReadOnlyList<byte[]> keys)
{
    /// <summary>How a secret begins.</summary>
    public const string SecretPrefix = "whsec_";

    private const int KeyBytesMin = 24;
    private const int KeyBytesMax = 64;

    /// <summary>Keys of the secrets that are given; their form was checked with the options.</summary>
    public static WebhookSignature Of(params IEnumerable<string?> secrets) =>
        new([.. secrets.OfType<string>().Select(secret => TryParse(secret, out var key) ? key : throw new ArgumentException("A secret is not well-formed.", nameof(secrets)))]);

    /// <summary>False unless the secret has the prefix and 24 to 64 bytes of base64.</summary>
    public static bool TryParse(string secret, out byte[] key)
    {
        key = [];
        if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal)) return false;
        var text = secret.AsSpan(SecretPrefix.Length);
        Span<byte> bytes = stackalloc byte[KeyBytesMax + 3];
        if (!Convert.TryFromBase64Chars(text, bytes, out var length) || length is < KeyBytesMin or > KeyBytesMax) return false;
        key = bytes[..length].ToArray();
        return true;
    }

    /// <summary>Value of the header <c>webhook-signature</c>: one signature a secret, separated by blanks. Null without a secret.</summary>
    /// <param name="id">Value of <c>webhook-id</c>.</param>
    /// <param name="timestamp">Value of <c>webhook-timestamp</c>, Unix seconds.</param>
    /// <param name="body">The bytes of the body as sent.</param>
    public string? Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        if (keys.Count == 0) return null;
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        return string.Join(' ', keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed))));
    }
}
