namespace WgMonitor.Testing;

/// <summary>Finds programs of the system that tests drive for real.</summary>
public static class Executable
{
    /// <summary>Full path of a program on PATH or in the system's usual folders; rsyslogd lives in /usr/sbin, which is not on every PATH.</summary>
    /// <exception cref="InvalidOperationException">It is not installed; the message is one sentence that says what to do.</exception>
    public static string Find(string name, string debianPackage)
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (string folder in path.Split(':').Concat(["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]))
        {
            string file = Path.Combine(folder, name);
            if (folder.Length > 0 && File.Exists(file))
                return file;
        }

        throw new InvalidOperationException($"{name} is not installed; `apt-get install {debianPackage}` brings it, and `make test` does that as root.");
    }
}
