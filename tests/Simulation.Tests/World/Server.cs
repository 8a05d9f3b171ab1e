using WgMonitor.Simulation.Tests.Redis;

namespace WgMonitor.Simulation.Tests.World;

/// <summary>The simulated redis-server: one command after the other, its own scripts, and what a restart leaves of it.</summary>
internal sealed class Server
{
    private readonly Schedule schedule;
    private readonly ScriptCatalog scripts;
    private readonly List<RedisClient> clients = [];
    private readonly List<HeldCommit> held = [];
    private IReadOnlyDictionary<string, object>? saved;
    private Dictionary<string, int> savedHistory = [];

    public Server(Schedule schedule, ScriptCatalog scripts)
    {
        this.schedule = schedule;
        this.scripts = scripts;
        Model = new RedisModel(() => schedule.Now)
        {
            Added = (key, id, fields) =>
            {
                if (key.EndsWith(":events", StringComparison.Ordinal)) HistoryOf(key).Add(new HistoryEntry(id, fields));
            },
            Published = (channel, message) =>
            {
                foreach (var client in clients) client.Published(channel, message);
            },
        };
    }

    public RedisModel Model { get; }

    /// <summary>All entries the log ever had and did not lose in a restart, trimmed ones too.</summary>
    public Dictionary<string, List<HistoryEntry>> History { get; } = [];

    public bool IsDown { get; private set; }

    /// <summary>Since when it runs.</summary>
    public long UpSince { get; private set; }

    /// <summary>Times it came back with less than it had.</summary>
    public int Rewinds { get; private set; }

    /// <summary>Times it came back as it was synced last, with less of the log or of what is derived from it, or with all.</summary>
    public int Restores { get; private set; }

    /// <summary>Fingerprint of all commands and replies until now.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    public long Commands { get; private set; }

    /// <summary>Told of each command, for looking into a seed.</summary>
    public Action<string>? Traced { get; set; }

    public void Add(RedisClient client) => clients.Add(client);

    /// <summary>Executes the command when its sender is granted the lease anew; never, if that does not happen before a restart.</summary>
    public void Hold(HeldCommit commit) => held.Add(commit);

    public object? Execute(string process, string[] command)
    {
        var isScript = command[0] == "EVAL";
        var reply = isScript ? scripts.Evaluate(Model, command) : Model.Execute(command);
        Commands++;
        Note(process);
        Note(command[0]);
        Note(command[1]);
        // A claim's owner is a random name, which the refusal of a lease tells.
        Note(isScript && command[1] == "lease.lua" ? ((object?[])reply!)[0] : reply);
        Traced?.Invoke($"{schedule.Elapsed,12} {process} {command[0]} {command[1]} {(isScript ? command[3] : "")} -> {Reply.Text(reply)}");
        if (command is ["EVAL", "lease.lua", _, var lease, "acquire", var owner, ..] && reply is object?[] and ["OK", ..]) Release(lease, owner);
        return reply;
    }

    private void Release(string lease, string owner)
    {
        foreach (var commit in held.Where(commit => commit.Lease == lease && commit.Process == owner).ToArray())
        {
            held.Remove(commit);
            schedule.At(schedule.Now, () => Execute(commit.Process, commit.Command));
        }
    }

    /// <summary>What is on disk from now on.</summary>
    public void Sync()
    {
        saved = Model.Save();
        savedHistory = History.ToDictionary(pair => pair.Key, pair => pair.Value.Count);
    }

    /// <summary>Dies, and comes back after a while with what was synced last.</summary>
    public void Restart(TimeSpan down)
    {
        if (IsDown) return;
        IsDown = true;
        held.Clear();
        foreach (var client in clients) client.Disconnected();
        schedule.After(down, () =>
        {
            (IsDown, UpSince) = (false, schedule.Now);
            if (saved is null) return;
            Restores++;
            var lost = History.Any(pair => pair.Value.Count > savedHistory.GetValueOrDefault(pair.Key));
            if (lost) Rewinds++;
            Model.Load(saved);
            foreach (var (key, entries) in History) entries.RemoveRange(savedHistory.GetValueOrDefault(key), entries.Count - savedHistory.GetValueOrDefault(key));
        });
    }

    private List<HistoryEntry> HistoryOf(string key)
    {
        if (!History.TryGetValue(key, out var entries)) History.Add(key, entries = []);
        return entries;
    }

    private void Note(object? value)
    {
        switch (value)
        {
            case string text:
                foreach (var letter in text) Note(letter);
                break;
            case long number:
                Note((ulong)number);
                break;
            case object?[] list:
                foreach (var item in list) Note(item);
                break;
            case Status status:
                Note(status.Text);
                break;
        }

        Note((ulong)schedule.Now);
    }

    private void Note(ulong value) => Trace = (Trace ^ value) * 1099511628211;
}

/// <summary>A commit that is stuck on its way, <see cref="RedisClient.HoldCommit"/>.</summary>
/// <param name="Process">Who sent it: the owner in it.</param>
/// <param name="Lease">Key of the lease under which it was sent.</param>
/// <param name="Command">The command.</param>
internal sealed record HeldCommit(string Process, string Lease, string[] Command);

/// <summary>An entry of the log that was not lost.</summary>
internal readonly record struct HistoryEntry(WgMonitor.Streams.StreamId Id, string[] Fields);
