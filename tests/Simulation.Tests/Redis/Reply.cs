namespace WgMonitor.Simulation.Tests.Redis;

/// <summary>A status reply (<c>+OK</c>). The other replies are plain: null, <see cref="long"/>, a string of bytes (Latin-1), an array of replies.</summary>
internal sealed record Status(string Text);

/// <summary>An error reply, with its code first: <c>WRONGTYPE ...</c>.</summary>
internal sealed record Error(string Text);

/// <summary>Replies as text, to be compared and traced.</summary>
internal static class Reply
{
    public static string Text(object? reply) => reply switch
    {
        null => "nil",
        Status status => $"+{status.Text}",
        Error error => $"-{error.Text.Split(' ')[0]}",
        long number => number.ToString(),
        string text => $"\"{text}\"",
        object?[] list => $"[{string.Join(' ', list.Select(Text))}]",
        _ => throw new ArgumentException($"{reply.GetType()} is no reply"),
    };
}
