namespace WgMonitor.Collector.Sources;

/// <summary>What an <see cref="IRecordReader"/> came to.</summary>
internal enum RecordStepKind
{
    /// <summary>All bytes are taken and no record has ended.</summary>
    More,

    /// <summary>A record, in <see cref="IRecordReader.Frame"/>.</summary>
    Frame,

    /// <summary>A record that is not for the pipeline to read; why is known already.</summary>
    Refused,
}

/// <summary>One step of an <see cref="IRecordReader"/>.</summary>
internal readonly record struct RecordStep(RecordStepKind Kind, LineOutcome Refusal = default)
{
    public static RecordStep More => new(RecordStepKind.More);

    public static RecordStep Frame => new(RecordStepKind.Frame);

    public static RecordStep Refused(LineOutcome refusal) => new(RecordStepKind.Refused, refusal);
}

/// <summary>
/// Makes syslog messages of recorded bytes, whatever pieces they come in. A border that two implement: lines and journald's export. Holds the record
/// that is being read, of bounded length, so that a record can be offered again without reading it again.
/// </summary>
internal interface IRecordReader
{
    /// <summary>The record of the last step as one syslog message, or a sample of what was refused; valid until the next.</summary>
    ReadOnlySpan<byte> Frame { get; }

    /// <summary>Reads on, to the end of a record or of the input.</summary>
    /// <param name="input">Begins where the last call's consumed bytes ended.</param>
    /// <param name="isFinal">Nothing comes behind it: call until <see cref="RecordStepKind.More"/>, which then is the end.</param>
    /// <param name="consumed">Bytes done with; all of them with <see cref="RecordStepKind.More"/>.</param>
    RecordStep Next(ReadOnlySpan<byte> input, bool isFinal, out int consumed);
}
