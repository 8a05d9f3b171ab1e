namespace WgMonitor.Cli.Doctor;

/// <summary>How one thing is.</summary>
internal enum CheckState
{
    Good,

    /// <summary>It works, and something should be looked at.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Bad,
}

/// <summary>One line of the checklist.</summary>
/// <param name="Name">What was looked at; the same in every run.</param>
/// <param name="State">How it is.</param>
/// <param name="Finding">What was seen, one sentence.</param>
/// <param name="Next">What to do; null where there is nothing to do.</param>
internal sealed record Check(string Name, CheckState State, string Finding, string? Next = null)
{
    public static Check Good(string name, string finding) => new(name, CheckState.Good, finding);

    public static Check Warning(string name, string finding, string? next = null) => new(name, CheckState.Warning, finding, next);

    public static Check Bad(string name, string finding, string next) => new(name, CheckState.Bad, finding, next);
}
