package org.pganalytics.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates, by BouncyCastle. */
final class CertificateMaker {
    /** X.520 allows no more in a common name. */
    private static final int COMMON_NAME_MAX = 64;

    private static final int SERIAL_BITS = 127;

    private final X509Certificate issuer;
    private final PrivateKey key;
    private final SecureRandom random;

    CertificateMaker(X509Certificate issuer, PrivateKey key, SecureRandom random) {
        this.issuer = issuer;
        this.key = key;
        this.random = random;
    }

    /** Good for a collector to say who it is, and for nothing else. */
    X509Certificate ofCollector(PublicKey certified, UUID collector, String name, Instant from, Instant until) {
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    issuer, serial(random), Date.from(from), Date.from(until), common(name), certified);
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
            var id = new GeneralName(GeneralName.uniformResourceIdentifier, ClientCertificates.URN + collector);
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(id));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(issuer));
            return sign(builder, key);
        } catch (GeneralSecurityException | IOException | OperatorCreationException bug) {
            throw new IllegalStateException("a certificate cannot be made", bug);
        }
    }

    /** An authority that certifies itself, and no authority but collectors. */
    static X509Certificate ofAuthority(KeyPair keys, String name, Instant from, Instant until, SecureRandom random) {
        try {
            var subject = common(name);
            var builder = new JcaX509v3CertificateBuilder(
                    subject, serial(random), Date.from(from), Date.from(until), subject, keys.getPublic());
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keys.getPublic()));
            return sign(builder, keys.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException bug) {
            throw new IllegalStateException("a certificate cannot be made", bug);
        }
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
    }

    /** Built, not parsed: a name with a comma begins no second part. */
    private static X500Name common(String name) {
        var shortened = name.codePointCount(0, name.length()) <= COMMON_NAME_MAX
                ? name
                : name.substring(0, name.offsetByCodePoints(0, COMMON_NAME_MAX));
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, shortened)
                .build();
    }

    /** Nobody can tell one from another, as authorities must do it. */
    private static BigInteger serial(SecureRandom random) {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS);
    }

    static String pem(X509Certificate certificate) {
        try {
            return Pem.text("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("a certificate cannot be written", bug);
        }
    }
}
