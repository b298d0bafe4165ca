package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.SomeBatches;
import org.pganalytics.tls.TestCertificate;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.Preface;

class TcpTlsTest {
    @TempDir
    Path folder;

    private NetClientOptions client(TestCertificate certificate, String protocol) {
        return new NetClientOptions()
                .setSsl(true)
                .setHostnameVerificationAlgorithm("HTTPS")
                .setTrustOptions(new PemTrustOptions()
                        .addCertPath(certificate.certificate().toString()))
                .setEnabledSecureTransportProtocols(Set.of(protocol));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,RSA", "TLSv1.2,RSA", "TLSv1.3,EC", "TLSv1.2,EC"})
    void aBatchTravelsEncrypted(String protocol, String algorithm) throws Exception {
        var certificate = TestCertificate.make(folder, algorithm, "-1d");
        var tls = certificate.config("TLSv1.3", "TLSv1.2");
        try (var tcp = new TcpFixture(TcpFixture.CONFIG, IngestConfig.standard(), tls)) {
            var client = tcp.connect(client(certificate, protocol));
            var collector = UUID.randomUUID();
            client.write(Preface.ours().encode());
            client.hello(collector, collector);
            client.expect(Frame.Welcome.class);
            client.write(new Frame.Schema(SomeBatches.SCHEMA));
            client.write(SomeBatches.batch(1, 1, 20_000));
            client.expectAcks(1);

            assertEquals(protocol, client.socket.sslSession().getProtocol());
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,TLSv1.2", "TLSv1.2,TLSv1.3", "TLSv1.2,TLSv1.1"})
    void aProtocolThatIsNotConfiguredIsRefused(String configured, String spoken) throws Exception {
        var certificate = TestCertificate.make(folder, "EC", "-1d");
        try (var tcp = new TcpFixture(TcpFixture.CONFIG, IngestConfig.standard(), certificate.config(configured))) {
            assertThrows(ExecutionException.class, () -> tcp.connect(client(certificate, spoken)));
            assertEquals(0, tcp.house.store.accepts);
        }
    }

    @Test
    void aPlainPeerGetsNothingFromATlsDoor() throws Exception {
        var certificate = TestCertificate.make(folder, "EC", "-1d");
        try (var tcp = new TcpFixture(TcpFixture.CONFIG, IngestConfig.standard(), certificate.config("TLSv1.3"))) {
            var plain = tcp.connect();
            plain.write(Preface.ours().encode());
            plain.expectClosed();
        }
    }
}
