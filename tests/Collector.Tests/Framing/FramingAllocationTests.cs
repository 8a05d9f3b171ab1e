using WgMonitor.Collector.Framing;
using Xunit;

namespace WgMonitor.Collector.Tests.Framing;

public class FramingAllocationTests
{
    [Theory]
    [InlineData("124 " + TestPipeline.L0)]
    [InlineData(TestPipeline.L0 + "\n")]
    public void No_byte_is_allocated_a_frame(string framed)
    {
        byte[] stream = [.. Enumerable.Repeat(TestPipeline.Bytes(framed), 1000).SelectMany(bytes => bytes)];
        var frames = 0;
        var reader = new FrameReader(new SyslogFramer(new()), (in step, message) =>
        {
            frames++;
            return FrameVerdict.Taken;
        });
        // Blocks as those of a pipe: most frames lie in one, some across two.
        var buffer = FramedInput.Sequence(stream, 4096);
        reader.Drain(ref buffer, isFinal: false, out _);

        buffer = FramedInput.Sequence(stream, 4096);
        var before = GC.GetAllocatedBytesForCurrentThread();
        reader.Drain(ref buffer, isFinal: false, out _);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(2000, frames);
        Assert.Equal(0, allocated);
        reader.Release();
    }
}
