using System.Text.Json;
using System.Text.RegularExpressions;
using WgMonitor.Architecture.Tests;
using WgMonitor.Testing;
using Xunit;

namespace WgMonitor.Deployment.Tests.Packages;

/// <summary>What goes into the Debian package, packed with a script in place of the program; `make deb-test` does it for real.</summary>
public sealed partial class DebianPackageTests
{
    /// <summary>Owner, mode and name of every file, as dpkg will unpack it.</summary>
    private static readonly string[] Files =
    [
        "-rw-r----- root/root ./etc/wgmonitor/config.toml",
        "-rwxr-xr-x root/root ./usr/bin/wgmonitor",
        "-rw-r--r-- root/root ./usr/lib/systemd/system/wgmonitor.service",
        "-rw-r--r-- root/root ./usr/lib/systemd/system/wgmonitor@.service",
        "-rw-r--r-- root/root ./usr/lib/sysusers.d/wgmonitor.conf",
        "-rw-r--r-- root/root ./usr/lib/tmpfiles.d/wgmonitor.conf",
        "-rw-r--r-- root/root ./usr/share/bash-completion/completions/wgmonitor",
        "-rw-r--r-- root/root ./usr/share/doc/wgmonitor/CHANGELOG.md.gz",
        "-rw-r--r-- root/root ./usr/share/doc/wgmonitor/THIRD-PARTY-NOTICES.gz",
        "-rw-r--r-- root/root ./usr/share/doc/wgmonitor/changelog.gz",
        "-rw-r--r-- root/root ./usr/share/doc/wgmonitor/copyright",
        "-rw-r--r-- root/root ./usr/share/doc/wgmonitor/examples/config.example.toml",
        "-rw-r--r-- root/root ./usr/share/doc/wgmonitor/examples/wgmonitor.rules.yml",
        "-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/wgmonitor.fish",
        "-rw-r--r-- root/root ./usr/share/lintian/overrides/wgmonitor",
        "-rw-r--r-- root/root ./usr/share/man/man1/wgmonitor.1.gz",
        "-rwxr-xr-x root/root ./usr/share/wgmonitor/cut-unfinished.sh",
        "-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_wgmonitor",
    ];

    [Fact]
    public async Task Every_file_has_its_owner_and_mode_and_the_fields_say_what_it_is()
    {
        using var repository = Copy("1.2.3-test");

        var (exitCode, output) = await RunAsync(repository, "bash", "deploy/deb.sh", "linux-x64", "linux-arm64");

        Assert.True(exitCode == 0, output);
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var package = repository.File($"artifacts/packages/wgmonitor_1.2.3~test_{architecture}.deb");
            var listed = (await RunAsync(repository, "dpkg-deb", "--contents", package)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.All(listed.Where(line => line[0] == 'd'), line => Assert.StartsWith("drwxr-xr-x root/root", line));
            Assert.Equal(Files, listed.Where(line => line[0] != 'd').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).OrderBy(words => words[^1], StringComparer.Ordinal).Select(words => $"{words[0]} {words[1]} {words[^1]}"));
            Assert.Equal("wgmonitor 1.2.3~test " + architecture, await FieldsAsync(repository, package, "Package", "Version", "Architecture"));
            Assert.Matches("^[1-9][0-9]* net optional$", await FieldsAsync(repository, package, "Installed-Size", "Section", "Priority"));
            Assert.Equal("/etc/wgmonitor/config.toml", (await RunAsync(repository, "dpkg-deb", "--info", package, "conffiles")).Output.Trim());
        }
    }

    [Fact]
    public async Task A_program_of_another_version_is_not_packed()
    {
        using var repository = Copy("1.2.4");

        var (exitCode, output) = await RunAsync(repository, "bash", "deploy/deb.sh", "linux-x64");

        Assert.Equal((1, "artifacts/publish/linux-x64/wgmonitor is version 1.2.4, not 1.2.3-test: make publish."), (exitCode, output.Trim()));
    }

    [Theory]
    [InlineData("postinst")]
    [InlineData("prerm")]
    [InlineData("postrm")]
    public async Task A_maintainer_script_ends_at_the_first_error(string name)
    {
        using var directory = new TempDirectory();
        Assert.StartsWith("#!/bin/sh\nset -e\n", Repository.Read($"deploy/debian/{name}"));

        Assert.Equal((0, ""), await RunAsync(directory, "sh", "-n", Path.Combine(Repository.Root, "deploy/debian", name)));
    }

    /// <summary>The script with folders of the test's own for the system's, in a mount namespace where a disk is mounted, or none.</summary>
    [Theory]
    [InlineData("", false)]
    [InlineData("data", true)]
    [InlineData("data/archive", true)]
    public async Task A_purge_empties_a_disk_that_is_mounted_and_goes_on(string mounted, bool stays)
    {
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory.File("data/archive"));
        directory.Write("data/redis/appendonly.aof", "x");
        directory.Write("postrm", Repository.Read("deploy/debian/postrm").Replace("/var/lib/wgmonitor", directory.File("data"), StringComparison.Ordinal)
            .Replace("/etc/systemd/system/", directory.File("units/"), StringComparison.Ordinal));
        directory.Write("bin/deb-systemd-helper", "#!/bin/sh\necho helped\n");
        var mount = mounted.Length == 0 ? "" : $"mount -t tmpfs wgmonitor {directory.File(mounted)}; mkdir -p {directory.File("data")}/redis; echo x > {directory.File(mounted)}/file; ";

        var (exitCode, output) = await RunAsync(
            directory, "unshare", "--map-root-user", "--mount", "sh", "-c",
            $"{mount}chmod +x bin/*; PATH={directory.File("bin")}:$PATH; export PATH; sh -x postrm purge 2> trace; echo $?; find {directory.File("data")} 2> /dev/null | wc -l");

        // Of the folders, those that lead to the mounted disk.
        Assert.Equal((0, $"0\n{(stays ? mounted.Split('/').Length : 0)}\n"), (exitCode, output));
        Assert.Contains("deb-systemd-helper purge wgmonitor.service", File.ReadAllText(directory.File("trace")));
        Assert.Equal(stays, File.ReadAllText(directory.File("trace")).Contains("stays, for a disk is mounted there", StringComparison.Ordinal));
    }

    [Fact]
    public void The_licence_of_every_package_in_the_program_is_told()
    {
        using var lockFile = JsonDocument.Parse(Repository.Read("cli/packages.lock.json"));
        // The analyzer stays in the build.
        var packages = lockFile.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() != "Project").Select(package => package.Name).Where(name => name != "Microsoft.CodeAnalysis.BannedApiAnalyzers").ToArray();

        var told = FilesOfLicence().Matches(Repository.Read("deploy/debian/copyright")).SelectMany(match => match.Groups[1].Value.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)).ToHashSet();

        Assert.NotEmpty(packages);
        Assert.Equal(["*", "Microsoft.AspNetCore.App", "Microsoft.NETCore.App", .. packages.Order(StringComparer.Ordinal)], told.Order(StringComparer.Ordinal).OrderBy(name => name is not ("*" or "Microsoft.AspNetCore.App" or "Microsoft.NETCore.App")));
    }

    /// <summary>What deb.sh reads of the repository, and in place of the published program a script that prints a version.</summary>
    private static TempDirectory Copy(string version)
    {
        var copy = new TempDirectory();
        foreach (var path in Repository.Files("*").Where(path => path.StartsWith("deploy/", StringComparison.Ordinal) || path is "CHANGELOG.md" or "config.example.toml" or "Directory.Build.props"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy.File(path))!);
            File.Copy(Path.Combine(Repository.Root, path), copy.File(path));
        }
        foreach (var platform in new[] { "linux-x64", "linux-arm64" })
        {
            var folder = Directory.CreateDirectory(copy.File($"artifacts/publish/{platform}")).FullName;
            File.WriteAllText(Path.Combine(folder, "THIRD-PARTY-NOTICES"), "none\n");
            File.WriteAllText(Path.Combine(folder, "wgmonitor"), $"#!/bin/sh\necho {version}\n");
            File.SetUnixFileMode(Path.Combine(folder, "wgmonitor"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        return copy;
    }

    private static async Task<string> FieldsAsync(TempDirectory directory, string package, params string[] fields)
    {
        var values = new List<string>();
        foreach (var field in fields) values.Add((await RunAsync(directory, "dpkg-deb", "--field", package, field)).Output.Trim());
        return string.Join(' ', values);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(TempDirectory directory, string program, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["VERSION"] = "1.2.3-test", ["LEVEL"] = "0", ["OUT"] = null, ["MAINTAINER"] = null };
        await using var process = ChildProcess.Start(Executable.Find(program, program == "dpkg-deb" ? "dpkg" : program), arguments, environment, directory.Path);
        return (await process.ExitAsync(), process.Output);
    }

    [GeneratedRegex(@"^Files: (.*?)^Copyright:", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FilesOfLicence();
}
