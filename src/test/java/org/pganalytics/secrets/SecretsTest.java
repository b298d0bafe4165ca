package org.pganalytics.secrets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.HashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How secrets are kept and compared. */
class SecretsTest {
    private final Vertx vertx = Vertx.vertx();
    private final Argon2 argon2 = new Argon2(vertx.createSharedWorkerExecutor("argon2", 1), new SecureRandom());

    @AfterEach
    void close() {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aHashTakenByAnotherProgramIsVerified() {
        // echo -n 'correct horse battery' | argon2 saltsaltsaltsalt -id -v 13 -t 2 -k 19456 -p 1 -l 32 -e
        var hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$iPOQ5f2O21FsjnBvo1AiFcDuSXciCnKUrXFO+yfgNoM";
        assertTrue(await(argon2.verify("correct horse battery", hash)));
        assertFalse(await(argon2.verify("correct horse batterz", hash)));
    }

    @Test
    void aSecretIsHashedUnderAnotherSaltEachTimeAndVerifiesWithBoth() {
        var one = await(argon2.hash("ein Geheimnis mit Ümläuten 🙂"));
        var other = await(argon2.hash("ein Geheimnis mit Ümläuten 🙂"));
        assertNotEquals(one, other);
        assertTrue(one.startsWith("$argon2id$v=19$m=19456,t=2,p=1$"), one);
        assertTrue(await(argon2.verify("ein Geheimnis mit Ümläuten 🙂", one)));
        assertTrue(await(argon2.verify("ein Geheimnis mit Ümläuten 🙂", other)));
        assertFalse(await(argon2.verify("ein Geheimnis mit Umlauten 🙂", other)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain text",
                "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g",
                "$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g",
                "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g",
                "$argon2id$v=19$m=19456,t=0,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g",
                "$argon2id$v=19$m=19456,t=2,p=0$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g"
            })
    void aSpoiledHashLetsNobodyIn(String hash) {
        assertFalse(await(argon2.verify("", hash)));
        assertFalse(await(argon2.verify("plain text", hash)));
    }

    @Test
    void randomSecretsAreLongAndDiffer() {
        var secrets = new RandomSecrets(new SecureRandom());
        var seen = new HashSet<String>();
        for (int i = 0; i < 1_000; i++) {
            seen.add(secrets.next());
        }
        assertEquals(1_000, seen.size());
        assertTrue(seen.stream().allMatch(secret -> secret.matches("[A-Za-z0-9_-]{43}")));
    }

    @Test
    void twoProcessesNameASecretDifferently() {
        var one = new KeyedHash(new SecureRandom());
        assertEquals(one.of("secret"), one.of("secret"));
        assertNotEquals(one.of("secret"), one.of("secreT"));
        assertNotEquals(one.of("secret"), new KeyedHash(new SecureRandom()).of("secret"));
    }
}
