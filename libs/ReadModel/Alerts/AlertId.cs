using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using WgMonitor.Streams;

namespace WgMonitor.ReadModel;

/// <summary>The name of an alert: made of what caused it, so that every retry, replay and rebuild finds the same one.</summary>
public static class AlertId
{
    /// <summary>Lower-case hex digits.</summary>
    public const int Length = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>First 32 hex digits of SHA-256 over the three parts, separated by LF (none of them can hold one).</summary>
    /// <param name="rule">Name of the rule that raised it.</param>
    /// <param name="peer">The peer as in the API: <c>host/epoch/number</c>.</param>
    /// <param name="cause">The entry of the event log that made the finding.</param>
    public static string Of(string rule, string peer, StreamId cause) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{rule}\n{peer}\n{cause}")))[..Length];

    /// <summary>True for text of the form an id has; anything else must not become part of a key.</summary>
    public static bool IsWellFormed(string? text) => text is { Length: Length } && !text.AsSpan().ContainsAnyExcept(Digits);
}
