using System.Globalization;

namespace WgMonitor.Api.History;

/// <summary>A moment in a query: RFC 3339 with an offset, e.g. <c>2026-11-22T13:00:00Z</c>.</summary>
internal static class TimeParameter
{
    // Two clocks are compared, the asker's and ours.
    private static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(1);

    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    /// <summary>Unix milliseconds, cut; <paramref name="missing"/> for a parameter that is not there. False, with what is wrong, for anything else.</summary>
    public static bool TryParse(IQueryCollection query, string name, long missing, out long milliseconds, ref string problem)
    {
        milliseconds = missing;
        if (!query.TryGetValue(name, out var values)) return true;
        var text = values.ToString();
        if (DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time >= DateTimeOffset.UnixEpoch)
        {
            milliseconds = time.ToUnixTimeMilliseconds();
            return true;
        }
        problem = $"{name} must be a time with an offset, such as 2026-11-22T13:00:00Z, not '{text}'{(text.Contains(' ', StringComparison.Ordinal) ? ": a + in a query means a blank, write %2B" : "")}";
        return false;
    }

    /// <summary>False for a moment that has not come yet: nobody knows what will be.</summary>
    public static bool HasCome(string name, long milliseconds, TimeProvider time, ref string problem)
    {
        if (milliseconds <= (time.GetUtcNow() + AheadMax).ToUnixTimeMilliseconds()) return true;
        problem = $"{name} lies in the future";
        return false;
    }

    /// <summary><c>from</c> and <c>to</c>, in this order and not in the future; without them everything until now.</summary>
    public static bool TryParseRange(IQueryCollection query, TimeProvider time, out long from, out long to, ref string problem)
    {
        to = 0;
        if (!TryParse(query, "from", 0, out from, ref problem)) return false;
        if (!TryParse(query, "to", time.GetUtcNow().ToUnixTimeMilliseconds(), out to, ref problem) || !HasCome("to", to, time, ref problem)) return false;
        if (from <= to) return true;
        problem = "from lies behind to";
        return false;
    }

    /// <summary>Unix milliseconds to UTC.</summary>
    public static DateTimeOffset Of(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
