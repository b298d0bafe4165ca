package org.pganalytics.secrets;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes secrets that people choose, with Argon2id, in the usual text form {@code $argon2id$v=19$m=…,t=…,p=…$salt$hash}.
 * Takes tens of milliseconds and some memory on purpose, so it runs on the worker given. Thread-safe.
 */
public final class Argon2 {
    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Pattern FORM = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,2}),p=(\\d{1,2})\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

    private final WorkerExecutor worker;
    private final SecureRandom random;

    public Argon2(WorkerExecutor worker, SecureRandom random) {
        this.worker = worker;
        this.random = random;
    }

    public Future<String> hash(String secret) {
        return worker.executeBlocking(() -> hashNow(secret), false);
    }

    /** False too for a hash that is not of this form, so that a spoiled row lets nobody in. */
    public Future<Boolean> verify(String secret, String hash) {
        return worker.executeBlocking(() -> verifyNow(secret, hash), false);
    }

    private String hashNow(String secret) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        var parameters = parameters(MEMORY_KIB, PASSES, LANES, salt);
        var base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        PASSES,
                        LANES,
                        base64.encodeToString(salt),
                        base64.encodeToString(derive(parameters, secret, HASH_BYTES)));
    }

    private static boolean verifyNow(String secret, String hash) {
        var parts = FORM.matcher(hash);
        if (!parts.matches()) {
            return false;
        }
        int memoryKib = Integer.parseInt(parts.group(1));
        int passes = Integer.parseInt(parts.group(2));
        int lanes = Integer.parseInt(parts.group(3));
        if (memoryKib < 8 * lanes || memoryKib > 1 << 20 || passes < 1 || lanes < 1) {
            return false;
        }
        var kept = Base64.getDecoder().decode(parts.group(5));
        var parameters =
                parameters(memoryKib, passes, lanes, Base64.getDecoder().decode(parts.group(4)));
        return MessageDigest.isEqual(kept, derive(parameters, secret, kept.length));
    }

    private static Argon2Parameters parameters(int memoryKib, int passes, int lanes, byte[] salt) {
        return new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build();
    }

    private static byte[] derive(Argon2Parameters parameters, String secret, int bytes) {
        var generator = new Argon2BytesGenerator();
        generator.init(parameters);
        var hash = new byte[bytes];
        generator.generateBytes(secret.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
