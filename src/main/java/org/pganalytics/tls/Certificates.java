package org.pganalytics.tls;

import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;

/**
 * A certificate and its key, read once and checked against each other before anything listens.
 *
 * @param chain the certificate as PEM, with its chain
 * @param key the private key as PEM
 * @param expiresAt when the first certificate of the chain does
 * @param serial of that certificate, for people
 */
public record Certificates(Buffer chain, Buffer key, Instant expiresAt, String serial) {

    /** As {@link #load(String, Path, String, Path, Clock)}, of a listener. */
    static Certificates load(TlsConfig config, Clock clock) {
        return load("tls.certificate", config.certificate(), "tls.key", config.key(), clock);
    }

    /**
     * Reads files: not for an event loop.
     *
     * @param setting of the certificate's file, and of the key's
     * @throws IllegalArgumentException naming the file when it cannot be read, does not fit or has expired
     */
    public static Certificates load(String setting, Path file, String keySetting, Path keyFile, Clock clock) {
        byte[] chain = Pem.read(setting, file);
        byte[] keyPem = Pem.read(keySetting, keyFile);
        var certificate = Pem.certificates(setting, file, chain).get(0);
        var key = Pem.key(keySetting, keyFile, keyPem);
        if (!Pem.fits(certificate.getPublicKey(), key)) {
            throw new IllegalArgumentException(
                    "%s = %s is not the key of %s = %s".formatted(keySetting, keyFile, setting, file));
        }
        var expiry = certificate.getNotAfter().toInstant();
        if (!clock.instant().isBefore(expiry)) {
            throw new IllegalArgumentException("%s = %s expired at %s".formatted(setting, file, expiry));
        }
        return new Certificates(
                Buffer.buffer(chain),
                Buffer.buffer(keyPem),
                expiry,
                certificate.getSerialNumber().toString(16));
    }

    @Override
    public String toString() {
        return "Certificates[serial=" + serial + ", expiresAt=" + expiresAt + "]";
    }
}
