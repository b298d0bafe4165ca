package org.pganalytics.tls;

import io.vertx.core.buffer.Buffer;
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

    /**
     * Reads files: not for an event loop.
     *
     * @throws IllegalArgumentException naming the file when it cannot be read, does not fit or has expired
     */
    public static Certificates load(TlsConfig config, Clock clock) {
        byte[] chain = Pem.read("tls.certificate", config.certificate());
        byte[] keyPem = Pem.read("tls.key", config.key());
        var certificate =
                Pem.certificates("tls.certificate", config.certificate(), chain).get(0);
        var key = Pem.key("tls.key", config.key(), keyPem);
        if (!Pem.fits(certificate.getPublicKey(), key)) {
            throw new IllegalArgumentException("tls.key = %s is not the key of tls.certificate = %s"
                    .formatted(config.key(), config.certificate()));
        }
        var expiry = certificate.getNotAfter().toInstant();
        if (!clock.instant().isBefore(expiry)) {
            throw new IllegalArgumentException(
                    "tls.certificate = %s expired at %s".formatted(config.certificate(), expiry));
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
