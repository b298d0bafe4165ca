package org.pganalytics.identity.saml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.pganalytics.fault.WrongValueException;
import org.pganalytics.secrets.KeyFile;

/** By what this service signs its requests and opens what is encrypted for it. */
public record SamlKeys(PrivateKey key, X509Certificate certificate) {
    private static final String KEY = "identity.saml.key";
    private static final String CERTIFICATE = "identity.saml.certificate";
    private static final String BEGINS = "-----BEGIN PRIVATE KEY-----";
    private static final String ENDS = "-----END PRIVATE KEY-----";
    private static final int BITS_MIN = 2_048;

    /** Whether its files are right; none configured is, too. Blocking. */
    public static List<WrongValueException> wrong(SamlConfig config) {
        try {
            if (config != null && config.isConfigured()) {
                read(config);
            }
            return List.of();
        } catch (WrongValueException wrong) {
            return List.of(wrong);
        }
    }

    /** Blocking. */
    static SamlKeys read(SamlConfig config) {
        var certificate = certificate(config.certificate());
        var key = key(config.key());
        if (!(certificate.getPublicKey() instanceof RSAPublicKey certified)
                || !certified.getModulus().equals(key.getModulus())) {
            throw new WrongValueException(
                    CERTIFICATE, config.certificate() + ", which is not of " + KEY, "the certificate of that key");
        }
        return new SamlKeys(key, certificate);
    }

    private static RSAPrivateKey key(Path file) {
        try {
            var keys = new KeyFile(file, KEY, "put the key there");
            keys.requirePrivate();
            var text = String.join("\n", keys.lines());
            int from = text.indexOf(BEGINS);
            int to = text.indexOf(ENDS);
            if (from < 0 || to < from) {
                throw noKey(file, null);
            }
            var der = Base64.getMimeDecoder().decode(text.substring(from + BEGINS.length(), to));
            var key = (RSAPrivateKey) KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
            if (key.getModulus().bitLength() < BITS_MIN) {
                throw noKey(file, null);
            }
            return key;
        } catch (WrongValueException wrong) {
            throw wrong;
        } catch (IllegalArgumentException unreadable) {
            throw new WrongValueException(
                    KEY, "%s: %s".formatted(file, unreadable.getMessage()), "a file of its owner's alone", unreadable);
        } catch (GeneralSecurityException odd) {
            throw noKey(file, odd);
        }
    }

    private static WrongValueException noKey(Path file, Exception causeOrNull) {
        return new WrongValueException(
                KEY,
                "%s, which holds no unencrypted RSA key in PKCS #8 of %d bits or more".formatted(file, BITS_MIN),
                "one as 'openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072' writes it ('BEGIN PRIVATE KEY')",
                causeOrNull);
    }

    private static X509Certificate certificate(Path file) {
        try (var in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (GeneralSecurityException | IOException odd) {
            throw new WrongValueException(
                    CERTIFICATE, file + ", which holds no PEM certificate", "a certificate in PEM", odd);
        }
    }

    /** As metadata have it. */
    String certificateText() {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("what was decoded can be encoded", impossible);
        }
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "SamlKeys[%s]".formatted(certificate.getSubjectX500Principal());
    }
}
