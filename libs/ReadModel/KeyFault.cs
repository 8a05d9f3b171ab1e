namespace WgMonitor.ReadModel;

/// <summary>Why a key of ours cannot be read. To a reader it is as absent; everything else goes on.</summary>
public enum KeyFault
{
    /// <summary>Another Redis type: it cannot be written either, until somebody removes it.</summary>
    WrongType,

    /// <summary>The right type, but its <c>state</c> is none of ours; the next state overwrites it.</summary>
    BrokenState,
}
