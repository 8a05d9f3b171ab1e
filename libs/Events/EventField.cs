using System.Globalization;
using System.Text;

namespace WgMonitor.Events;

/// <summary>One named field of a stream entry or a hash, both sides as UTF-8 bytes, e.g. <c>peer</c> = <c>17</c>.</summary>
public readonly record struct EventField(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)
{
    /// <summary>A field of two texts.</summary>
    public static EventField Of(string name, string value) => new(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>A field with a number, decimal.</summary>
    public static EventField Of<T>(string name, T number) where T : IFormattable => Of(name, number.ToString(null, CultureInfo.InvariantCulture));
}
