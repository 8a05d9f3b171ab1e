using Xunit;

namespace WgMonitor.Testing.Tests;

public sealed class WaitTests
{
    [Fact]
    public async Task A_condition_that_becomes_true_ends_the_wait()
    {
        int calls = 0;

        await Wait.Until(() => ++calls == 5, "five calls");

        Assert.Equal(5, calls);
    }

    [Fact]
    public async Task A_condition_that_stays_false_fails_with_its_reason()
    {
        TimeoutException e = await Assert.ThrowsAsync<TimeoutException>(() => Wait.Until(() => false, "the moon is cheese", TimeSpan.FromMilliseconds(20)));

        Assert.Contains("the moon is cheese", e.Message);
    }

    [Fact]
    public void A_temporary_directory_goes_with_its_content()
    {
        var directory = new TempDirectory();
        string file = directory.Write("a/b.txt", "x");
        Assert.Equal("x", File.ReadAllText(file));

        directory.Dispose();

        Assert.False(Directory.Exists(directory.Path));
    }
}
