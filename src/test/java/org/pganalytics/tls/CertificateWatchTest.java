package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Certificates exchanged under a listener that two event loops share, seen by clients that connect to it. */
class CertificateWatchTest {
    private static final AuthorityConfig NO_AUTHORITY = new AuthorityConfig(null, null, Duration.ofDays(30));

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<NetSocket> sockets = new ArrayList<>();

    @TempDir
    Path folder;

    private Path certificate;
    private Path key;
    private NetServer listening;

    @BeforeEach
    void files() {
        certificate = folder.resolve("in-use.crt");
        key = folder.resolve("in-use.key");
    }

    @AfterEach
    void close() throws Exception {
        for (var socket : sockets) {
            await(socket.close());
        }
        await(vertx.close());
    }

    private CertificateWatch open(Duration every) throws Exception {
        return CertificateWatch.open(vertx, new CertificatesConfig(every, NO_AUTHORITY), Clock.systemUTC(), registry);
    }

    private void listen(CertificateWatch watch) throws Exception {
        var security = watch.secure("tcp", new TestCertificate(certificate, key).config("TLSv1.3"));
        var options = new NetServerOptions().setHost("127.0.0.1").setPort(-1);
        security.secure(options);
        for (int instance = 0; instance < 2; instance++) {
            var server = vertx.createNetServer(options).connectHandler(socket -> socket.handler(socket::write));
            listening = await(server.listen());
            security.follow(listening::updateSSLOptions);
        }
    }

    /** As tools for certificates do it: each file at once, the pair not. */
    private TestCertificate put(String algorithm, String startDate) throws Exception {
        var made = TestCertificate.make(Files.createTempDirectory(folder, "made"), algorithm, startDate);
        put(made.certificate(), certificate);
        put(made.key(), key);
        return made;
    }

    private static void put(Path made, Path place) throws Exception {
        Files.move(
                Files.copy(made, place.resolveSibling("new"), StandardCopyOption.REPLACE_EXISTING),
                place,
                StandardCopyOption.ATOMIC_MOVE);
    }

    private NetSocket connect() throws Exception {
        var client = vertx.createNetClient(
                new NetClientOptions().setSsl(true).setTrustAll(true).setHostnameVerificationAlgorithm(""));
        var socket = await(client.connect(listening.actualPort(), "127.0.0.1"));
        sockets.add(socket);
        return socket;
    }

    /** What the next client is shown. */
    private X509Certificate shown() throws Exception {
        return (X509Certificate) connect().sslSession().getPeerCertificates()[0];
    }

    private static void assertAlive(NetSocket socket) throws Exception {
        var heard = new CompletableFuture<Buffer>();
        socket.handler(heard::complete);
        await(socket.write("still there"));
        assertEquals("still there", heard.get(5, TimeUnit.SECONDS).toString());
    }

    private double reloads(String outcome) {
        return registry.get("pganalytics.tls.reloads")
                .tags("listener", "tcp", "outcome", outcome)
                .counter()
                .count();
    }

    private double expiry() {
        return registry.get("pganalytics.tls.certificate.expiry")
                .tags("listener", "tcp")
                .gauge()
                .value();
    }

    @Test
    void newConnectionsSeeTheNewCertificateAndOldOnesLiveOn() throws Exception {
        put("RSA", "-3d");
        var watch = open(Duration.ofDays(1));
        listen(watch);
        var old = connect();
        var before = shown();
        put("EC", "-1d");
        assertEquals(before, shown(), "nobody has read it yet");

        await(watch.reload());

        for (int connection = 0; connection < 4; connection++) {
            assertEquals("EC", shown().getPublicKey().getAlgorithm(), "on both event loops");
        }
        assertAlive(old);
        assertEquals(1, reloads("applied"));
        assertEquals(shown().getNotAfter().toInstant().getEpochSecond(), expiry());
        assertTrue(expiry() > before.getNotAfter().toInstant().getEpochSecond());
        await(watch.reload());
        assertEquals(1, reloads("applied"), "nothing has changed");
    }

    @Test
    void changedFilesAreSeenByThemselves() throws Exception {
        put("RSA", "-3d");
        listen(open(Duration.ofSeconds(1)));
        var before = shown();
        put("RSA", "-1d");
        Awaitility.await().until(() -> !shown().equals(before));
        assertEquals(0, reloads("refused"));
    }

    /** What is wrong with the files. */
    enum Wrong {
        ANOTHER_KEY {
            @Override
            void put(CertificateWatchTest test) throws Exception {
                var other = TestCertificate.make(Files.createTempDirectory(test.folder, "other"), "RSA", "-2d");
                CertificateWatchTest.put(other.key(), test.key);
            }
        },
        EXPIRED {
            @Override
            void put(CertificateWatchTest test) throws Exception {
                test.put("RSA", "-10d");
            }
        },
        GARBAGE {
            @Override
            void put(CertificateWatchTest test) throws Exception {
                Files.writeString(test.certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
            }
        },
        EMPTY {
            @Override
            void put(CertificateWatchTest test) throws Exception {
                Files.writeString(test.key, "");
            }
        },
        GONE {
            @Override
            void put(CertificateWatchTest test) throws Exception {
                Files.delete(test.key);
            }
        };

        abstract void put(CertificateWatchTest test) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeUsedIsRefusedAndTheOldOneStays(Wrong wrong) throws Exception {
        put("RSA", "-3d");
        var watch = open(Duration.ofDays(1));
        listen(watch);
        var old = connect();
        var before = shown();
        double expiry = expiry();
        wrong.put(this);

        await(watch.reload());

        assertEquals(before, shown());
        assertAlive(old);
        assertEquals(expiry, expiry());
        assertEquals(0, reloads("applied"));
        assertEquals(1, reloads("refused"));
        put("EC", "-1d");
        await(watch.reload());
        assertEquals("EC", shown().getPublicKey().getAlgorithm());
        assertEquals(1, reloads("applied"));
    }

    @Test
    void theSameWrongFilesAreRefusedOnceNotWithEachLook() throws Exception {
        put("RSA", "-3d");
        listen(open(Duration.ofSeconds(1)));
        Wrong.EMPTY.put(this);
        Awaitility.await().until(() -> reloads("refused") == 1);
        Thread.sleep(2_500);
        assertEquals(1, reloads("refused"));
    }

    @Test
    void aListenerThatCannotTakeItLeavesAllAsItIs() throws Exception {
        put("RSA", "-3d");
        var watch = open(Duration.ofDays(1));
        var security = watch.secure("tcp", new TestCertificate(certificate, key).config("TLSv1.3"));
        var before = security.certificates();
        security.follow(options -> Future.failedFuture("no room"));
        put("RSA", "-1d");
        await(watch.reload());
        assertEquals(before, security.certificates());
        assertEquals(1, reloads("refused"));
        assertFalse(before.isEmpty());
    }
}
