package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.net.NetClientOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.FakeDoorkeeper;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.tls.TestCertificate;
import org.pganalytics.tls.TestClients;
import org.pganalytics.tls.TestClients.Wish;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.tls.TlsConfig.ClientAuth;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.Preface;

/** The second lock of the TCP door: which certificate opens it for which token, and what goes without one. */
class TcpMutualTlsTest {
    private final UUID collector = UUID.randomUUID();
    private final String id = "urn:pganalytics:collector:" + collector;

    @TempDir
    Path folder;

    private TestClients authority;

    private TcpFixture door(ClientAuth clientAuth) throws Exception {
        authority = TestClients.make("ours");
        var certificate = TestCertificate.make(folder, "EC", "-1d");
        var tls = new TlsConfig(
                TlsConfig.Mode.ON,
                certificate.certificate(),
                certificate.key(),
                List.of("TLSv1.3", "TLSv1.2"),
                List.of(),
                Duration.ofSeconds(5),
                clientAuth,
                authority.write(folder.resolve("authority.crt")));
        return new TcpFixture(TcpFixture.CONFIG, IngestConfig.standard(), tls);
    }

    private static NetClientOptions bare() {
        return new NetClientOptions().setSsl(true).setTrustAll(true).setHostnameVerificationAlgorithm("");
    }

    private static NetClientOptions showing(TestClients.Client client) {
        var options = bare();
        options.setKeyCertOptions(client.shown());
        return options;
    }

    private NativeClient hello(TcpFixture tcp, NetClientOptions options) throws Exception {
        var client = tcp.connect(options);
        client.write(Preface.ours().encode());
        client.hello(collector, UUID.randomUUID());
        return client;
    }

    private void assertRefused(TcpFixture tcp, NetClientOptions options, String why) throws Exception {
        var away = hello(tcp, options).expect(Frame.GoAway.class);
        assertEquals(Fault.CERTIFICATE_REFUSED, away.fault());
        assertTrue(away.detail().contains(why), away::detail);
    }

    @Test
    void whereOneIsRequiredOnlyItsOwnLetsACollectorIn() throws Exception {
        try (var tcp = door(ClientAuth.REQUIRED)) {
            hello(tcp, showing(authority.certify(Wish.of(id)))).expect(Frame.Welcome.class);
            var other = "urn:pganalytics:collector:" + UUID.randomUUID();
            assertRefused(tcp, bare(), "no certificate of the collector was shown");
            assertRefused(tcp, showing(authority.certify(Wish.of(other))), "another collector's");
            var stranger = TestClients.make("ours");
            assertRefused(tcp, showing(stranger.certify(Wish.of(id))), "no authority that is trusted here");
            var over = Wish.of(id).between(Duration.ofHours(-2), Duration.ofSeconds(-2));
            assertRefused(tcp, showing(authority.certify(over)), "holds from");
        }
    }

    @Test
    void whereOneIsRequiredACollectorMayYetRegister() throws Exception {
        try (var tcp = door(ClientAuth.REQUIRED)) {
            var client = tcp.connect(bare());
            client.write(Preface.ours().encode());
            client.write(new Frame.Register(FakeDoorkeeper.SECRET, "new", "4"));
            client.expect(Frame.Registered.class);
        }
    }

    @Test
    void whereOneIsOptionalNoneLetsInAndAWrongOneDoesNot() throws Exception {
        try (var tcp = door(ClientAuth.OPTIONAL)) {
            hello(tcp, bare()).expect(Frame.Welcome.class);
            var other = "urn:pganalytics:collector:" + UUID.randomUUID();
            assertRefused(tcp, showing(authority.certify(Wish.of(other))), "another collector's");
        }
    }

    @Test
    void whereNoneIsAskedForNoneMatters() throws Exception {
        try (var tcp = door(ClientAuth.NONE)) {
            var other = "urn:pganalytics:collector:" + UUID.randomUUID();
            hello(tcp, showing(authority.certify(Wish.of(other)))).expect(Frame.Welcome.class);
        }
    }
}
