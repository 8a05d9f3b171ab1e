using System.Text.Json;

namespace WgMonitor.Cli.Doctor;

/// <summary>Rounds of checks as text, or each as a JSON document. As text a later round shows what changed.</summary>
internal sealed class DoctorReport(TextWriter output, bool json)
{
    private HashSet<Check> shown = [];

    public void Add(IReadOnlyList<Check> checks)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new DoctorJson(!checks.Any(check => check.State == CheckState.Bad), checks), CliJson.Readable));
            return;
        }
        foreach (var check in checks.Where(check => !shown.Contains(check))) Write(check);
        shown = [.. checks];
    }

    private void Write(Check check)
    {
        output.WriteLine($"{Mark(check.State)} {check.Name}: {check.Finding}");
        if (check.Next is not null) output.WriteLine($"       {check.Next}");
    }

    // Words, not colours: it is read in logs and by screen readers too.
    private static string Mark(CheckState state) => state switch
    {
        CheckState.Good => "[ok]  ",
        CheckState.Warning => "[warn]",
        _ => "[FAIL]",
    };
}

/// <param name="Ok">Nothing fails; the exit code is 0 then.</param>
/// <param name="Checks">In the order they should be mended.</param>
internal sealed record DoctorJson(bool Ok, IReadOnlyList<Check> Checks);
