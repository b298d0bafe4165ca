package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.pganalytics.ingest.TestHouse.await;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServerOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What OpenSSL may and may not agree on with a listener, whose certificate has a key of either kind. */
class CiphersTest {
    private static final Vertx VERTX = Vertx.vertx();

    @TempDir
    static Path folder;

    private static int rsa;
    private static int ec;

    @BeforeAll
    static void listen() throws Exception {
        rsa = listen("RSA");
        ec = listen("EC");
    }

    private static int listen(String algorithm) throws Exception {
        var tls = TestCertificate.make(folder, algorithm, "-1d").config("TLSv1.3", "TLSv1.2");
        var options = new NetServerOptions().setHost("127.0.0.1").setPort(0);
        ListenerSecurity.load(tls, Clock.systemUTC()).secure(options);
        var server = VERTX.createNetServer(options).connectHandler(socket -> socket.handler(socket::write));
        return await(server.listen()).actualPort();
    }

    @AfterAll
    static void close() throws Exception {
        await(VERTX.close());
    }

    /** @return the cipher agreed on, or NONE */
    static String agreed(int port, String... wanted) throws Exception {
        var command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-brief"));
        command.addAll(List.of(wanted));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor(10, TimeUnit.SECONDS);
        return output.lines()
                .filter(line -> line.startsWith("Ciphersuite: "))
                .map(line -> line.substring("Ciphersuite: ".length()))
                .findFirst()
                .orElse("NONE");
    }

    @ParameterizedTest
    @CsvSource({
        "RSA,ECDHE-RSA-AES256-GCM-SHA384",
        "RSA,ECDHE-RSA-CHACHA20-POLY1305",
        "RSA,ECDHE-RSA-AES128-GCM-SHA256",
        "EC,ECDHE-ECDSA-AES256-GCM-SHA384",
        "EC,ECDHE-ECDSA-CHACHA20-POLY1305",
        "EC,ECDHE-ECDSA-AES128-GCM-SHA256"
    })
    void whatIsModernIsSpoken(String key, String cipher) throws Exception {
        assertEquals(cipher, agreed(key.equals("RSA") ? rsa : ec, "-tls1_2", "-cipher", cipher));
    }

    @ParameterizedTest
    @CsvSource({"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"})
    void whatIsModernIsSpokenInTls13(String cipher) throws Exception {
        assertEquals(cipher, agreed(ec, "-tls1_3", "-ciphersuites", cipher));
    }

    @ParameterizedTest
    @CsvSource({
        "RSA,AES128-SHA",
        "RSA,AES256-SHA256",
        "RSA,AES128-GCM-SHA256",
        "RSA,AES256-GCM-SHA384",
        "RSA,ECDHE-RSA-AES128-SHA",
        "RSA,ECDHE-RSA-AES256-SHA384",
        "RSA,DHE-RSA-AES256-GCM-SHA384",
        "RSA,AECDH-AES128-SHA",
        "EC,ECDHE-ECDSA-AES128-SHA",
        "EC,ECDHE-ECDSA-AES256-SHA384"
    })
    void keysThatOutliveTheSessionAndCbcAreRefused(String key, String cipher) throws Exception {
        assertEquals("NONE", agreed(key.equals("RSA") ? rsa : ec, "-tls1_2", "-cipher", cipher + "@SECLEVEL=0"));
    }

    @ParameterizedTest
    @CsvSource({"RSA,-tls1_1", "EC,-tls1_1", "RSA,-tls1", "EC,-tls1"})
    void oldProtocolsAreRefused(String key, String protocol) throws Exception {
        assertEquals("NONE", agreed(key.equals("RSA") ? rsa : ec, protocol, "-cipher", "ALL@SECLEVEL=0"));
    }
}
