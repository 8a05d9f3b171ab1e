using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace WgMonitor.Testing;

/// <summary>Reads a corpus file, plain or with .gz appended to its name.</summary>
internal static class CorpusFile
{
    public static bool Exists(string path) => File.Exists(path) || File.Exists(path + ".gz");

    public static byte[] Bytes(string path)
    {
        if (File.Exists(path))
            return File.ReadAllBytes(path);
        using var gzip = new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Lines are split at line feeds only: kernel text may hold any other character.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        string text = Encoding.UTF8.GetString(Bytes(path));
        return (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
    }

    public static IEnumerable<string[]> Rows(string path) => Lines(path).Select(line => line.Split('\t'));

    /// <summary>Rows after the header.</summary>
    public static IEnumerable<string[]> Table(string path) => Rows(path).Skip(1);

    /// <summary>Names in a folder that end so, without the ending; none if there is no such folder.</summary>
    public static string[] Names(string folder, string suffix) =>
        !Directory.Exists(folder)
            ? []
            : [.. Directory.GetFiles(folder)
                .Select(file => Path.GetFileName(file))
                .Select(name => name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name)
                .Where(name => name.EndsWith(suffix, StringComparison.Ordinal))
                .Select(name => name[..^suffix.Length])
                .Distinct()
                .Order(StringComparer.Ordinal)];

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    public static double? NumberOrNull(string text) => text is "" or "-" ? null : Number(text);
}
