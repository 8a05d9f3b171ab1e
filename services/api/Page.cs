using System.Text;
using System.Text.Json.Serialization;
using WgMonitor.Api.History;

namespace WgMonitor.Api;

/// <summary>One page of a list.</summary>
/// <param name="Items">In the order of the list.</param>
/// <param name="NextCursor">What to pass as <c>cursor</c> for the next page; null at the end. Opaque.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    /// <summary>Of a past moment: how far it can be relied on. Left out of answers about the present.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PastResponse? Past { get; init; }
}

/// <summary>What <c>limit</c> and <c>cursor</c> of a request come to.</summary>
/// <param name="Limit">Items wanted, 1 or more.</param>
/// <param name="After">Name of the last item of the page before; empty for the first page.</param>
public readonly record struct PageRequest(int Limit, string After)
{
    private const int DefaultLimit = 100;
    private const int CursorCharsMax = 16_384;

    /// <summary>False, with what is wrong, for a limit below 1 or a cursor that is none of ours.</summary>
    public static bool TryParse(string? limit, string? cursor, int limitMax, out PageRequest request, out string problem)
    {
        request = new PageRequest(DefaultLimit, "");
        problem = "";
        if (limit is not null)
        {
            if (!int.TryParse(limit, out var wanted) || wanted < 1) problem = $"limit must be a number of 1 or more, not '{limit}'";
            request = request with { Limit = wanted };
        }
        request = request with { Limit = Math.Min(request.Limit, limitMax) };
        if (string.IsNullOrEmpty(cursor)) return problem.Length == 0;
        var bytes = new byte[CursorCharsMax];
        if (cursor.Length > CursorCharsMax || !Convert.TryFromBase64String(Padded(cursor), bytes, out var written)) problem = "cursor is none that a page gave out";
        else request = request with { After = Encoding.UTF8.GetString(bytes, 0, written) };
        return problem.Length == 0;
    }

    /// <summary>The cursor that goes on behind <paramref name="name"/>.</summary>
    public static string CursorAfter(string name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(name)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Padded(string cursor)
    {
        var base64 = cursor.Replace('-', '+').Replace('_', '/');
        return base64.PadRight((base64.Length + 3) / 4 * 4, '=');
    }
}
