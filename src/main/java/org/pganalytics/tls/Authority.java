package org.pganalytics.tls;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.WrongValueException;

/** Certifies collectors: what a certificate says is what the server knows, never what was asked for. Thread-safe. */
public final class Authority implements Reloadable {
    /** A collector's clock may be behind ours. */
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    /** The least tls.ca.certificate-lifetime: what ends sooner would be asked for again and again. */
    private static final Duration LEFT_MIN = Duration.ofSeconds(10);

    private static final String CERTIFICATE = "tls.ca.certificate";
    static final String KEY = "tls.ca.key";

    private static final Set<PosixFilePermission> NOBODY_ELSES = EnumSet.of(
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    private final AuthorityConfig config;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private volatile Loaded loaded;

    /** What was read. @param certificates the first issues */
    private record Loaded(List<X509Certificate> certificates, Buffer keyPem, PrivateKey key) {
        X509Certificate issuer() {
            return certificates.get(0);
        }
    }

    /**
     * A certificate that was made.
     *
     * @param pem it, and the authority's
     * @param lifetime from now on
     */
    public record Issued(String pem, String serial, Instant expiresAt, Duration lifetime) {}

    private Authority(AuthorityConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.loaded = readFiles();
    }

    /**
     * Reads files: not for an event loop.
     *
     * @throws WrongValueException naming the file that is missing, open to others, expired or no authority's
     */
    public static Authority load(AuthorityConfig config, Clock clock) {
        return new Authority(config, clock);
    }

    private Loaded readFiles() {
        var chain = readChain(config, clock);
        var keyPem = readKey(config);
        var key = Pem.key(KEY, config.key(), keyPem);
        if (!Pem.fits(chain.get(0).getPublicKey(), key)) {
            throw Pem.wrong(
                    KEY,
                    config.key(),
                    "is not the key of %s = %s".formatted(CERTIFICATE, config.certificate()),
                    "the key that was made with that certificate");
        }
        return new Loaded(chain, Buffer.buffer(keyPem), key);
    }

    /** The first is an authority's, and holds. */
    static List<X509Certificate> readChain(AuthorityConfig config, Clock clock) {
        var file = config.certificate();
        var chain = Pem.certificates(CERTIFICATE, file, Pem.read(CERTIFICATE, file));
        if (chain.get(0).getBasicConstraints() < 0) {
            throw Pem.wrong(
                    CERTIFICATE,
                    file,
                    "is no authority's (basicConstraints CA)",
                    "an authority's, which './pganalytics tls ca create' makes");
        }
        Pem.requireInForce(CERTIFICATE, file, chain.get(0), clock);
        return chain;
    }

    static byte[] readKey(AuthorityConfig config) {
        requirePrivate(config.key());
        return Pem.read(KEY, config.key());
    }

    /** The group may read: a Secret that is mounted with defaultMode 0440 is root's, and the group is the server's alone. */
    private static void requirePrivate(Path key) {
        try {
            if (!key.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                return;
            }
            var rights = EnumSet.noneOf(PosixFilePermission.class);
            rights.addAll(Files.getPosixFilePermissions(key));
            rights.retainAll(NOBODY_ELSES);
            if (!rights.isEmpty()) {
                throw Pem.wrong(
                        KEY,
                        key,
                        "is open to others (%s)".formatted(rights),
                        "a file that its owner, and at most its group, may read: chmod 600 " + key);
            }
        } catch (IOException e) {
            throw Pem.unreadable(KEY, key, e);
        }
    }

    /** The authorities whose certificates of collectors hold: the one that issues, and those before it. */
    List<X509Certificate> trusted() {
        return loaded.certificates();
    }

    /**
     * Work for a worker.
     *
     * @param request PKCS #10, as PEM
     * @throws org.pganalytics.fault.FaultException BAD_REQUEST when the request is malformed, its key weak, or not the one
     *     that signed it; CONFLICT when the authority is at its end
     */
    public Issued certify(String request, UUID collector, String name) {
        var key = CertificateRequests.provenKey(request);
        var now = loaded;
        var begins = clock.instant();
        var over = now.issuer().getNotAfter().toInstant();
        if (Duration.between(begins, over).compareTo(LEFT_MIN) < 0) {
            throw Fault.CONFLICT.because(
                    "this server's authority is at its end (%s): another one must take its place".formatted(over));
        }
        var ends = earlier(begins.plus(config.certificateLifetime()), over);
        var made = new CertificateMaker(now.issuer(), now.key(), random)
                .ofCollector(key, collector, name, begins.minus(BACKDATED), ends);
        return new Issued(
                CertificateMaker.pem(made) + CertificateMaker.pem(now.issuer()),
                made.getSerialNumber().toString(16),
                made.getNotAfter().toInstant(),
                Duration.between(begins, made.getNotAfter().toInstant()));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    @Override
    public String name() {
        return "ca";
    }

    @Override
    public String inUse() {
        return "Authority[serial=%s, expiresAt=%s]"
                .formatted(loaded.issuer().getSerialNumber().toString(16), expiresAt());
    }

    @Override
    public Instant expiresAt() {
        return loaded.issuer().getNotAfter().toInstant();
    }

    @Override
    public Optional<Supplier<Future<Void>>> read() {
        var fresh = readFiles();
        boolean same = fresh.certificates().equals(loaded.certificates())
                && fresh.keyPem().equals(loaded.keyPem());
        return same
                ? Optional.empty()
                : Optional.of(() -> {
                    loaded = fresh;
                    return Future.succeededFuture();
                });
    }
}
