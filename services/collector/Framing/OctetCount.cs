namespace WgMonitor.Collector.Framing;

/// <summary>What stands where a decimal length is due.</summary>
internal enum OctetCountKind
{
    Complete,

    /// <summary>Only digits until now.</summary>
    Cut,

    /// <summary>No digit, too many of them, or something else than the terminator behind them.</summary>
    Invalid,
}

/// <summary>
/// Reads a decimal number of ASCII digits and the byte behind it. The number of digits is bounded before any is looked at, so that no run of them is
/// stored or computed; that is how receivers of octet counts were overrun.
/// </summary>
internal static class OctetCount
{
    /// <param name="input">Begins with the first digit.</param>
    /// <param name="digitsMax">At most 9, so that the value fits.</param>
    /// <param name="value">The number, when complete.</param>
    /// <param name="digits">How many digits it has; the byte behind them is not looked at here.</param>
    public static OctetCountKind Read(ReadOnlySpan<byte> input, int digitsMax, out int value, out int digits)
    {
        value = 0;
        digits = 0;
        while (digits < input.Length && digits <= digitsMax && char.IsAsciiDigit((char)input[digits]))
        {
            if (digits < digitsMax) value = value * 10 + (input[digits] - '0');
            digits++;
        }
        if (digits > digitsMax) return OctetCountKind.Invalid;
        if (digits == input.Length) return OctetCountKind.Cut;
        return digits == 0 ? OctetCountKind.Invalid : OctetCountKind.Complete;
    }
}
