package org.pganalytics.tls;

import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import org.pganalytics.fault.WrongValueException;

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
    static Certificates load(String listener, TlsConfig config, Clock clock) {
        return load(listener + ".tls.certificate", config.certificate(), listener + ".tls.key", config.key(), clock);
    }

    /**
     * Reads files: not for an event loop.
     *
     * @param setting of the certificate's file, and of the key's
     * @throws WrongValueException naming the file when it cannot be read, does not fit or has expired
     */
    public static Certificates load(String setting, Path file, String keySetting, Path keyFile, Clock clock) {
        byte[] chain = Pem.read(setting, file);
        byte[] keyPem = Pem.read(keySetting, keyFile);
        var certificate = own(setting, file, chain, clock);
        var key = Pem.key(keySetting, keyFile, keyPem);
        if (!Pem.fits(certificate.getPublicKey(), key)) {
            throw Pem.wrong(
                    keySetting,
                    keyFile,
                    "is not the key of %s = %s".formatted(setting, file),
                    "the key that was made with that certificate");
        }
        return new Certificates(
                Buffer.buffer(chain),
                Buffer.buffer(keyPem),
                certificate.getNotAfter().toInstant(),
                certificate.getSerialNumber().toString(16));
    }

    /** The first of the chain, which holds. */
    static X509Certificate own(String setting, Path file, byte[] chain, Clock clock) {
        var certificate = Pem.certificates(setting, file, chain).get(0);
        Pem.requireInForce(setting, file, certificate, clock);
        return certificate;
    }

    @Override
    public String toString() {
        return "Certificates[serial=" + serial + ", expiresAt=" + expiresAt + "]";
    }
}
