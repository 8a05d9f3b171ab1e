using Xunit;

namespace WgMonitor.Events.Tests;

public class TrustWordsTests
{
    [Theory]
    [InlineData(TrustLevel.Udp, "udp", "")]
    [InlineData(TrustLevel.Tcp, "tcp", "tcp")]
    [InlineData(TrustLevel.Tls, "tls", "tls")]
    [InlineData(TrustLevel.TlsClientCert, "tls-client-cert", "cert")]
    public void Both_words_of_a_level_mean_it(TrustLevel trust, string word, string inEvent)
    {
        Assert.Equal(word, TrustWords.Of(trust));
        Assert.Equal(trust, TrustWords.Parse(System.Text.Encoding.ASCII.GetBytes(word)));
        Assert.Equal(trust, TrustWords.Parse(System.Text.Encoding.ASCII.GetBytes(inEvent)));
    }

    [Fact]
    public void A_word_that_is_not_known_proves_nothing() => Assert.Equal(TrustLevel.Udp, TrustWords.Parse("quantum"u8));
}
