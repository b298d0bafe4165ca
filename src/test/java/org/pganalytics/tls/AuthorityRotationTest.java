package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.ingest.TestHouse.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.fault.FaultException;

/** Authorities of collectors exchanged under a listener that requires certificates. */
class AuthorityRotationTest {
    private static final UUID COLLECTOR = UUID.randomUUID();
    private static final AuthorityConfig NONE = new AuthorityConfig(null, null, Duration.ofDays(30));
    private static final TestClients.Wish WISH = TestClients.Wish.of(ClientCertificates.URN + COLLECTOR);

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @TempDir
    Path folder;

    private TestCertificate pair;
    private Path trusted;
    private TestClients old;
    private TestClients next;
    private CertificateWatch watch;
    private NetServer listening;

    @BeforeEach
    void make() throws Exception {
        pair = TestCertificate.make(folder, "EC", "-1d");
        trusted = folder.resolve("trusted");
        old = TestClients.make("old");
        next = TestClients.make("next");
        trust(old);
    }

    private void listen(AuthorityConfig own, Path authorities) throws Exception {
        watch = CertificateWatch.open(
                vertx, new CertificatesConfig(Duration.ofDays(1), own), Clock.systemUTC(), registry);
        var config = new TlsConfig(
                TlsConfig.Mode.ON,
                pair.certificate(),
                pair.key(),
                List.of("TLSv1.3"),
                List.of(),
                Duration.ofSeconds(5),
                TlsConfig.ClientAuth.REQUIRED,
                authorities);
        var security = watch.secure("tcp", config);
        var options = new NetServerOptions().setHost("127.0.0.1").setPort(0);
        security.secure(options);
        listening = await(vertx.createNetServer(options)
                .connectHandler(socket -> socket.handler(asked -> socket.write(verdict(security, socket))))
                .listen());
        security.follow(listening::updateSSLOptions);
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private void trust(TestClients... authorities) throws Exception {
        var pem = new StringBuilder();
        for (var each : authorities) {
            pem.append(Pem.text("CERTIFICATE", each.certificate().getEncoded()));
        }
        Files.writeString(trusted, pem);
    }

    private static String verdict(ListenerSecurity security, NetSocket socket) {
        try {
            security.requireCertificateOf(COLLECTOR, "x", socket.sslSession());
            return "welcome";
        } catch (FaultException refusal) {
            return refusal.fault().name();
        }
    }

    /** What a collector with a certificate by this authority is told. */
    private String told(TestClients by) throws Exception {
        var client = vertx.createNetClient(new NetClientOptions()
                .setSsl(true)
                .setTrustAll(true)
                .setHostnameVerificationAlgorithm("")
                .setKeyCertOptions(by.certify(WISH).shown()));
        var socket = await(client.connect(listening.actualPort(), "127.0.0.1"));
        var heard = new CompletableFuture<Buffer>();
        socket.handler(heard::complete);
        await(socket.write("may I?"));
        var text = heard.get(5, TimeUnit.SECONDS).toString();
        await(client.close());
        return text;
    }

    private double reloads(String outcome) {
        return registry.get("pganalytics.tls.reloads")
                .tags("listener", "tcp", "outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void bothAreTrustedUntilTheOldOneIsTakenOut() throws Exception {
        listen(NONE, trusted);
        assertEquals("welcome", told(old));
        assertEquals("CERTIFICATE_REFUSED", told(next));
        trust(old, next);
        await(watch.reload());
        assertEquals("welcome", told(old));
        assertEquals("welcome", told(next));
        trust(next);
        await(watch.reload());
        assertEquals("CERTIFICATE_REFUSED", told(old));
        assertEquals("welcome", told(next));
        assertEquals(0, reloads("refused"));
    }

    /** The three steps of docs/tls.md. */
    @Test
    void theServersOwnIsExchangedStepByStep() throws Exception {
        var certificate = folder.resolve("ca.crt");
        var key = folder.resolve("ca.key");
        old.keep(certificate, key);
        listen(new AuthorityConfig(certificate, key, Duration.ofDays(30)), null);
        assertEquals("welcome", told(old));
        assertEquals("CERTIFICATE_REFUSED", told(next));
        old.keep(certificate, key, next);
        await(watch.reload());
        assertEquals("welcome", told(old));
        assertEquals("welcome", told(next));
        next.keep(certificate, key, old);
        await(watch.reload());
        assertEquals("welcome", told(old));
        assertEquals("welcome", told(next));
        next.keep(certificate, key);
        await(watch.reload());
        assertEquals("CERTIFICATE_REFUSED", told(old));
        assertEquals("welcome", told(next));
        assertEquals(0, reloads("refused"));
    }

    @Test
    void aListenersWrongPairKeepsNoAuthorityTrusted() throws Exception {
        listen(NONE, trusted);
        var key = Files.readString(pair.key());
        Files.writeString(pair.key(), "");
        trust(next);
        await(watch.reload());
        assertEquals("CERTIFICATE_REFUSED", told(old));
        assertEquals("welcome", told(next));
        assertEquals(1, reloads("refused"), "the pair is");
        Files.writeString(pair.key(), key);
        Files.writeString(trusted, "garbage");
        await(watch.reload());
        assertEquals("welcome", told(next), "what was trusted stays");
        assertEquals(2, reloads("refused"));
    }
}
