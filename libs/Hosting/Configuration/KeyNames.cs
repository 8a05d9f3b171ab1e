using System.Text;

namespace WgMonitor.Hosting;

/// <summary>Spelling of keys: <c>FrameBytesMax</c> in the class is <c>frame_bytes_max</c> in the file; and what a mistyped one probably meant.</summary>
internal static class KeyNames
{
    public static string ToSnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])))) snake.Append('_');
            snake.Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }

    /// <summary>A hint like <c>Did you mean "host"?</c>, or the known keys where none is near.</summary>
    public static string? Suggest(string given, IReadOnlyCollection<string> known)
    {
        var nearest = known.Select(name => (Name: name, Distance: Distance(Plain(given), Plain(name)))).OrderBy(pair => pair.Distance).FirstOrDefault();
        if (nearest.Name is not null && nearest.Distance <= Math.Max(1, given.Length / 3)) return $"Did you mean \"{nearest.Name}\"?";
        return known.Count is 0 or > 12 ? null : $"Known: {string.Join(", ", known)}";
    }

    /// <summary>Dashes, underscores and capitals are no difference worth a mistake in a word.</summary>
    public static string Plain(string word) => word.Replace("_", "").Replace("-", "").ToLowerInvariant();

    /// <summary>Edit distance with neighbours swapped as one step (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }
}
