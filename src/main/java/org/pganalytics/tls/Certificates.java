package org.pganalytics.tls;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A certificate and its key, read once and checked against each other before anything listens.
 *
 * @param chain the certificate as PEM, with its chain
 * @param key the private key as PEM
 */
public record Certificates(Buffer chain, Buffer key, Instant expiresAt) {
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    /**
     * Reads files: not for an event loop.
     *
     * @throws IllegalArgumentException naming the file when it cannot be read, does not fit or has expired
     */
    public static Certificates load(TlsConfig config, Clock clock) {
        byte[] chain = read("tls.certificate", config.certificate());
        byte[] keyPem = read("tls.key", config.key());
        var certificate = certificate(config.certificate(), chain);
        var key = key(config.key(), keyPem);
        if (!fits(certificate, key)) {
            throw new IllegalArgumentException("tls.key = %s is not the key of tls.certificate = %s"
                    .formatted(config.key(), config.certificate()));
        }
        var expiry = certificate.getNotAfter().toInstant();
        if (!clock.instant().isBefore(expiry)) {
            throw new IllegalArgumentException(
                    "tls.certificate = %s expired at %s".formatted(config.certificate(), expiry));
        }
        return new Certificates(Buffer.buffer(chain), Buffer.buffer(keyPem), expiry);
    }

    /** Makes a listener speak TLS with this certificate, through the native engine where the machine has it. */
    public void secure(NetServerOptions listener, TlsConfig config) {
        listener.setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions().addCertValue(chain).addKeyValue(key))
                .setEnabledSecureTransportProtocols(new LinkedHashSet<>(config.protocols()))
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setSslHandshakeTimeout(config.handshakeTime().toMillis());
        if (OpenSSLEngineOptions.isAvailable()) {
            listener.setSslEngineOptions(new OpenSSLEngineOptions());
        }
    }

    private static byte[] read(String setting, Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("%s = %s cannot be read".formatted(setting, file), e);
        }
    }

    private static X509Certificate certificate(Path file, byte[] pem) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("tls.certificate = %s holds no PEM certificate".formatted(file), e);
        }
    }

    private static PrivateKey key(Path file, byte[] pem) {
        var text = new String(pem, StandardCharsets.US_ASCII);
        int from = text.indexOf("-----BEGIN PRIVATE KEY-----");
        int to = text.indexOf("-----END PRIVATE KEY-----");
        if (from < 0 || to < from) {
            throw new IllegalArgumentException(
                    "tls.key = %s holds no unencrypted PKCS #8 key ('BEGIN PRIVATE KEY')".formatted(file));
        }
        var base64 = text.substring(from + "-----BEGIN PRIVATE KEY-----".length(), to);
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        for (var algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException other) {
                // The next algorithm is tried.
            }
        }
        throw new IllegalArgumentException("tls.key = %s is none of %s".formatted(file, KEY_ALGORITHMS));
    }

    /** Signs with the one and verifies with the other. */
    private static boolean fits(X509Certificate certificate, PrivateKey key) {
        if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
            return false;
        }
        try {
            var signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> "Ed25519";
                    });
            byte[] probe = "does the key fit".getBytes(StandardCharsets.US_ASCII);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "Certificates[expiresAt=" + expiresAt + "]";
    }
}
