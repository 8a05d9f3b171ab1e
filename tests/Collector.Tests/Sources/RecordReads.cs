using System.Text;
using WgMonitor.Collector.Sources;
using Xunit;

namespace WgMonitor.Collector.Tests.Sources;

/// <summary>Reads Latin-1 text under every split point, which must not matter, and says what came out: frames, and the names of refusals.</summary>
internal static class RecordReads
{
    public static List<string> Of(RecordFormat format, string text, int messageBytesMax = 480)
    {
        var bytes = TestPipeline.Bytes(text);
        var whole = Read(format, [bytes], messageBytesMax);
        for (var split = 1; split < bytes.Length; split++) Assert.Equal(whole, Read(format, [bytes[..split], bytes[split..]], messageBytesMax));
        Assert.Equal(whole, Read(format, [.. bytes.Select(one => new[] { one })], messageBytesMax));
        return whole;
    }

    private static List<string> Read(RecordFormat format, IEnumerable<byte[]> pieces, int messageBytesMax)
    {
        var reader = RecordFormats.Reader(format, messageBytesMax);
        var results = new List<string>();
        foreach (var piece in pieces.Append([]))
        {
            ReadOnlySpan<byte> left = piece;
            RecordStep step;
            do
            {
                step = reader.Next(left, piece.Length == 0, out var consumed);
                left = left[consumed..];
                if (step.Kind != RecordStepKind.More) results.Add(step.Kind == RecordStepKind.Frame ? Encoding.Latin1.GetString(reader.Frame) : step.Refusal.ToString());
            }
            while (step.Kind != RecordStepKind.More);
        }
        return results;
    }
}
