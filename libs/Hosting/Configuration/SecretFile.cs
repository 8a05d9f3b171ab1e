namespace WgMonitor.Hosting;

/// <summary>The content of a file named by an <c>x_file</c> key, as container platforms mount secrets.</summary>
internal static class SecretFile
{
    /// <summary>Far above any token or key; keeps a mistyped name of a device or log from filling memory.</summary>
    private const int BytesMax = 64 * 1024;

    /// <summary>A relative name is relative to the configuration file that holds it, or to the working directory.</summary>
    public static bool TryRead(string name, Origin origin, out string secret, out string failure)
    {
        secret = failure = "";
        var directory = origin.IsFile ? Path.GetDirectoryName(Path.GetFullPath(origin.Source)) : null;
        var path = directory is null ? name : Path.Combine(directory, name);
        try
        {
            using var stream = File.OpenRead(path);
            var buffer = new byte[BytesMax + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            secret = System.Text.Encoding.UTF8.GetString(buffer, 0, length).Trim();
            failure = length > BytesMax ? $"names a file larger than {ValueText.Size(BytesMax)}" : secret.Length == 0 ? "names an empty file" : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var missing = exception is FileNotFoundException or DirectoryNotFoundException;
            failure = missing ? "names a file that does not exist" : "names a file that cannot be read";
        }

        return failure.Length == 0;
    }
}
