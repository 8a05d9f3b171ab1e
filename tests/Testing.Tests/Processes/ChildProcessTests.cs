using Xunit;

namespace WgMonitor.Testing.Tests.Processes;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task Output_exit_code_arguments_and_environment_pass_through()
    {
        await using ChildProcess child = Bash("echo \"out $1 $COLOUR\"; echo err >&2; exit 7", "a b", ("COLOUR", "blue"));

        Assert.Equal(7, await child.ExitAsync());
        Assert.Equal("out a b blue\n", child.StandardOutput);
        Assert.Equal("err\n", child.StandardError);
    }

    [Fact]
    public async Task Terminate_can_be_handled_by_the_child()
    {
        await using ChildProcess child = Bash("trap 'echo drained; exit 0' TERM; echo ready; while true; do sleep 0.05; done");
        await child.OutputHas("ready");

        child.Terminate();

        Assert.Equal(0, await child.ExitAsync());
        Assert.Contains("drained", child.Output);
    }

    [Fact]
    public async Task Kill_ends_a_paused_child()
    {
        await using ChildProcess child = Bash("trap '' TERM; echo ready; while true; do sleep 0.05; done");
        await child.OutputHas("ready");
        child.Pause();
        await Wait.Until(() => State(child.Id) == 'T', "the child is stopped");

        child.Kill();

        Assert.Equal(128 + 9, await child.ExitAsync());
    }

    [Fact]
    public async Task A_resumed_child_runs_on()
    {
        await using ChildProcess child = Bash("echo ready; read -r -t 0.2 < /dev/null; sleep 0.1; echo on");
        await child.OutputHas("ready");
        child.Pause();
        await Wait.Until(() => State(child.Id) == 'T', "the child is stopped");

        child.Resume();

        await child.OutputHas("on");
    }

    [Fact]
    public async Task Dispose_leaves_no_process_and_no_child_of_it()
    {
        ChildProcess child = Bash("sleep 100 & echo $!; echo ready; wait");
        await child.OutputHas("ready");
        int grandchild = int.Parse(child.StandardOutput.Split('\n')[0]);

        await child.DisposeAsync();

        Assert.False(Directory.Exists($"/proc/{child.Id}"));
        await Wait.Until(() => !Directory.Exists($"/proc/{grandchild}") || State(grandchild) == 'Z', "the grandchild is gone");
    }

    [Fact]
    public async Task The_end_is_seen_although_a_grandchild_holds_the_output()
    {
        await using ChildProcess child = Bash("(trap '' HUP; exec sleep 3) & echo ready; exit 5");

        Assert.Equal(5, await child.ExitAsync());
        Assert.Equal("ready\n", child.Output);
    }

    [Fact]
    public async Task Missing_output_is_reported_with_what_there_was()
    {
        await using ChildProcess child = Bash("echo something else");

        TimeoutException e = await Assert.ThrowsAsync<TimeoutException>(() => child.OutputHas("expected"));

        Assert.Contains("something else", e.Message);
    }

    [Fact]
    public void A_missing_program_is_one_clear_sentence()
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => Executable.Find("no-such-program", "some-package"));

        Assert.Equal("no-such-program is not installed; `apt-get install some-package` brings it, and `make test` does that as root.", e.Message);
    }

    private static ChildProcess Bash(string script, string argument = "", params (string, string)[] environment) => ChildProcess.Start(
        "/bin/bash",
        ["-c", script, "bash", argument],
        environment.ToDictionary(e => e.Item1, e => (string?)e.Item2));

    private static char State(int id) => File.ReadAllText($"/proc/{id}/stat").Split(' ')[2][0];
}
