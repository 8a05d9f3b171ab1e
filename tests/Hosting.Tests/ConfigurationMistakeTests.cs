using Xunit;

namespace WgMonitor.Hosting.Tests;

/// <summary>
/// Every file of Config/ is one case. Lines that begin with <c>#&gt; </c> are what a user must see, all of it and in that order; <c>#= </c> is an environment
/// variable of the case; <c>#! </c> a notice; <c>#&lt; </c> an effective setting of an accepted file. A file without <c>#&gt; </c> lines must be accepted.
/// </summary>
public class ConfigurationMistakeTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Config");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.toml").Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_mistake_of_a_file_is_reported_with_its_place(string file)
    {
        var path = Path.Combine(Folder, file);
        var lines = File.ReadAllLines(path);
        var environment = Marked(lines, "#= ").Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

        var result = CheckConfig.Run(path, environment, SampleModules.All);

        var printed = result.Lines.Select(line => line.Replace(Folder + "/", "")).ToArray();
        var notices = Marked(lines, "#! ");
        var mistakes = Marked(lines, "#> ");
        Assert.Equal(notices, printed[..notices.Length]);
        if (mistakes.Length == 0)
        {
            Assert.Equal($"{file}: OK.", printed[^1]);
            Assert.All(Marked(lines, "#< "), setting => Assert.Contains(setting, printed));
            Assert.Equal(0, result.ExitCode);
        }
        else
        {
            Assert.Equal(mistakes, printed[notices.Length..^1]);
            Assert.Equal(mistakes.Length == 1 ? "1 mistake." : $"{mistakes.Length} mistakes.", printed[^1]);
            Assert.Equal(78, result.ExitCode);
        }
    }

    private static string[] Marked(string[] lines, string mark) => [.. lines.Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..])];
}
