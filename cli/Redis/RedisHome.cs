using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace WgMonitor.Cli.Redis;

/// <summary>
/// The folder of the own redis-server: its configuration, data and socket, for us alone (mode 700). Where the path is too long for a
/// socket it listens on a free loopback port with a random password instead.
/// </summary>
internal sealed class RedisHome
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>sizeof(sockaddr_un.sun_path) - 1, unix(7).</summary>
    private const int SocketPathBytesMax = 107;

    private const int PasswordBytes = 24;

    private readonly string socketPath;

    private string StartedFile => Path.Combine(Directory, "started");

    private RedisHome(string directory)
    {
        Directory = directory;
        socketPath = Path.Combine(directory, "redis.sock");
        if (Encoding.UTF8.GetByteCount(socketPath) <= SocketPathBytesMax)
        {
            EndPoint = new UnixDomainSocketEndPoint(socketPath);
            Url = "unix://" + string.Join('/', socketPath.Split('/').Select(Uri.EscapeDataString));
        }
        else
        {
            var port = FreePort();
            Password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PasswordBytes));
            EndPoint = new IPEndPoint(IPAddress.Loopback, port);
            Url = $"redis://:{Password}@127.0.0.1:{port}/0";
        }
    }

    /// <summary>Full path; also Redis' working directory.</summary>
    public string Directory { get; }

    /// <summary>Written at every start, mode 600.</summary>
    public string ConfigFile => Path.Combine(Directory, "redis.conf");

    /// <summary>A server was started here, and nobody saw it end as it should.</summary>
    public bool EndedBadly => File.Exists(StartedFile);

    /// <summary>Where it listens.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Null on a socket: there the folder's mode protects.</summary>
    public string? Password { get; }

    /// <summary>For <c>[redis] url</c>. Holds the password where there is one: not to be logged.</summary>
    public string Url { get; }

    /// <summary>Makes the folder <c>redis</c> in the data directory.</summary>
    /// <exception cref="CannotStartException">It cannot be written, or belongs to another user.</exception>
    public static RedisHome Prepare(string dataDirectory)
    {
        var directory = Path.Combine(dataDirectory, "redis");
        try
        {
            System.IO.Directory.CreateDirectory(directory, OwnerOnly);
            File.SetUnixFileMode(directory, OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The folder {directory} cannot be used: {exception.Message} Choose another data directory with --data-dir.");
        }

        return new(directory);
    }

    /// <summary>Where the own redis-server of a running <c>wgmonitor up</c> listens. Holds the password where there is one: not to be logged.</summary>
    /// <exception cref="CannotStartException">None was ever started there, or its folder cannot be read.</exception>
    public static string FindRunning(string dataDirectory)
    {
        var home = new RedisHome(Path.Combine(Path.GetFullPath(dataDirectory), "redis"));
        try
        {
            if (home.Password is null && File.Exists(home.socketPath)) return home.Url;
            var settings = File.ReadLines(home.ConfigFile).Select(line => line.Split(' ')).Where(words => words.Length == 2).ToLookup(words => words[0], words => words[1]);
            if (settings["requirepass"].FirstOrDefault() is { } password) return $"redis://:{password}@127.0.0.1:{settings["port"].First()}/0";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
        }
        throw new CannotStartException($"No redis-server of `wgmonitor up` listens in {home.Directory}: start `wgmonitor up`, name its --data-dir, or set [redis] in the configuration.");
    }

    /// <summary>Writes redis.conf. A file and not arguments: everybody can read the arguments of a process.</summary>
    public void WriteConfig()
    {
        var listen = Password is null
            ? $"port 0\nunixsocket {Quote(socketPath)}\nunixsocketperm 700"
            : $"bind 127.0.0.1\nport {((IPEndPoint)EndPoint).Port}\nrequirepass {Password}";
        var text = $"""
            # Written by wgmonitor at every start; changes are lost. Use a redis-server of your own and [redis] url to configure one.
            {listen}
            dir {Quote(Directory)}
            daemonize no
            logfile ""
            always-show-logo no
            # The event log is the truth: on disk within a second, never evicted; no snapshots beside it.
            appendonly yes
            appendfsync everysec
            save ""
            maxmemory-policy noeviction

            """;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var writer = new StreamWriter(ConfigFile, options);
        writer.Write(text);
    }

    /// <summary>A server is about to be started.</summary>
    public void Starts() => File.Create(StartedFile).Dispose();

    /// <summary>It wrote its data and ended.</summary>
    public void EndedWell() => File.Delete(StartedFile);

    /// <summary>A value as redis.conf wants it: in double quotes, with everything unusual escaped.</summary>
    private static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (octet is (byte)'"' or (byte)'\\' || octet < ' ' || octet > '~') quoted.Append($"\\x{octet:x2}");
            else quoted.Append((char)octet);
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Another process may take it before Redis does; Redis then ends at once and the start fails with a sentence.</summary>
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
