package org.pganalytics.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import org.pganalytics.fault.WrongValueException;

/** Certificates and keys as text. What is refused is refused with the setting and the file that it stands in. */
public final class Pem {
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "Ed25519");
    private static final String KEY_BEGINS = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_ENDS = "-----END PRIVATE KEY-----";
    private static final int BYTES_MAX = 1 << 20;

    private Pem() {}

    /** @param what is wrong with it, such as {@code holds no PEM certificate} */
    static WrongValueException wrong(String setting, Path file, String what, String allowed) {
        return new WrongValueException(setting, "%s, which %s".formatted(file, what), allowed);
    }

    /** Blocking. */
    static byte[] read(String setting, Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw wrong(
                        setting,
                        file,
                        "is larger than the %d bytes that are read of it".formatted(BYTES_MAX),
                        "a PEM file");
            }
            return bytes;
        } catch (IOException e) {
            throw unreadable(setting, file, e);
        }
    }

    static WrongValueException unreadable(String setting, Path file, IOException why) {
        var what = "cannot be read";
        if (why instanceof NoSuchFileException) {
            what = "does not exist";
        } else if (why instanceof AccessDeniedException) {
            what = "may not be read by this user, " + System.getProperty("user.name");
        } else if (Files.isDirectory(file)) {
            what = "is a folder";
        }
        return new WrongValueException(
                setting,
                "%s, which %s".formatted(file, what),
                "a PEM file that the user of this process may read",
                why);
    }

    /** At least one, in the order of the file. */
    static List<X509Certificate> certificates(String setting, Path file, byte[] pem) {
        try {
            var found = certificates(pem);
            if (!found.isEmpty()) {
                return found;
            }
        } catch (GeneralSecurityException e) {
            throw noCertificate(setting, file, e);
        }
        throw noCertificate(setting, file, null);
    }

    private static WrongValueException noCertificate(String setting, Path file, Exception causeOrNull) {
        return new WrongValueException(
                setting,
                file + ", which holds no PEM certificate",
                "a file with whole ones ('BEGIN CERTIFICATE' to 'END CERTIFICATE')",
                causeOrNull);
    }

    static void requireInForce(String setting, Path file, X509Certificate certificate, Clock clock) {
        var expiry = certificate.getNotAfter().toInstant();
        if (!clock.instant().isBefore(expiry)) {
            throw wrong(
                    setting, file, "expired at %s".formatted(expiry), "one that holds now: put its successor there");
        }
    }

    /** May be none. */
    public static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    static PrivateKey key(String setting, Path file, byte[] pem) {
        var text = new String(pem, StandardCharsets.US_ASCII);
        int from = text.indexOf(KEY_BEGINS);
        int to = text.indexOf(KEY_ENDS);
        if (from < 0 || to < from) {
            throw noKey(setting, file, "holds no unencrypted PKCS #8 key ('BEGIN PRIVATE KEY')");
        }
        PKCS8EncodedKeySpec spec;
        try {
            spec = new PKCS8EncodedKeySpec(
                    Base64.getMimeDecoder().decode(text.substring(from + KEY_BEGINS.length(), to)));
        } catch (IllegalArgumentException damaged) {
            throw noKey(setting, file, "holds a damaged key");
        }
        for (var algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException other) {
                // The next algorithm is tried.
            }
        }
        throw noKey(setting, file, "holds a key that is damaged, or none of %s".formatted(KEY_ALGORITHMS));
    }

    private static WrongValueException noKey(String setting, Path file, String what) {
        return wrong(
                setting,
                file,
                what,
                "a whole one of %s as 'openssl pkcs8 -topk8 -nocrypt' writes it".formatted(KEY_ALGORITHMS));
    }

    /** Signs with the one and verifies with the other. */
    static boolean fits(PublicKey certified, PrivateKey key) {
        if (!certified.getAlgorithm().equals(key.getAlgorithm())) {
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
            signature.initVerify(certified);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /**
     * Looks whether a server could be shown the one with the other.
     *
     * @throws IllegalArgumentException when one is damaged, or the key is another certificate's
     */
    public static void requirePair(String certificate, String key) {
        List<X509Certificate> chain;
        try {
            chain = certificates(certificate.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException odd) {
            throw new IllegalArgumentException("the certificate is no PEM certificate", odd);
        }
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("the certificate is no PEM certificate");
        }
        var own = key("key", Path.of("it"), key.getBytes(StandardCharsets.US_ASCII));
        if (!fits(chain.get(0).getPublicKey(), own)) {
            throw new IllegalArgumentException("the key is not the certificate's");
        }
    }

    /** @param kind such as {@code CERTIFICATE} or {@code PRIVATE KEY} */
    static String text(String kind, byte[] der) {
        var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, base64, kind);
    }
}
