package org.pganalytics.tls;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Requests for a certificate (PKCS #10): made by the agent, believed by the server for nothing but their key. */
public final class CertificateRequests {
    /** Longest request that is looked at, in characters; one with an RSA key of 4,096 bits is about 1,700. */
    public static final int LENGTH_MAX = 8_192;

    private static final int RSA_BITS_MIN = 2_048;
    private static final int RSA_BITS_MAX = 4_096;
    private static final Set<ASN1ObjectIdentifier> CURVES =
            Set.of(SECObjectIdentifiers.secp256r1, SECObjectIdentifiers.secp384r1);
    private static final Map<ASN1ObjectIdentifier, String> KEYS = Map.of(
            PKCSObjectIdentifiers.rsaEncryption, "RSA",
            X9ObjectIdentifiers.id_ecPublicKey, "EC",
            EdECObjectIdentifiers.id_Ed25519, "Ed25519");
    /** MD5 and SHA-1 prove nothing any more. */
    private static final Set<ASN1ObjectIdentifier> SIGNATURES = Set.of(
            PKCSObjectIdentifiers.sha256WithRSAEncryption,
            PKCSObjectIdentifiers.sha384WithRSAEncryption,
            PKCSObjectIdentifiers.sha512WithRSAEncryption,
            X9ObjectIdentifiers.ecdsa_with_SHA256,
            X9ObjectIdentifiers.ecdsa_with_SHA384,
            X9ObjectIdentifiers.ecdsa_with_SHA512,
            EdECObjectIdentifiers.id_Ed25519);

    private CertificateRequests() {}

    /** A key pair for a certificate to come: EC on P-256. */
    public static KeyPair newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has EC on P-256", impossible);
        }
    }

    /** As PEM. @param name for people: the server writes its own into the certificate */
    public static String request(KeyPair keys, String name) {
        try {
            var subject = new X500Principal("CN=" + name.replaceAll("[^A-Za-z0-9._-]", "_"));
            var request = new JcaPKCS10CertificationRequestBuilder(subject, keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
            return Pem.text("CERTIFICATE REQUEST", request.getEncoded());
        } catch (OperatorCreationException | IOException impossible) {
            throw new IllegalStateException("a request cannot be made", impossible);
        }
    }

    /** As PEM, PKCS #8. */
    public static String keyText(KeyPair keys) {
        return Pem.text("PRIVATE KEY", keys.getPrivate().getEncoded());
    }

    /** The key of a request, whose sender has proven to have its private half. */
    static PublicKey provenKey(String pem) {
        if (pem.length() > LENGTH_MAX) {
            throw bad("has %d characters, at most %d are read".formatted(pem.length(), LENGTH_MAX), null);
        }
        var request = parse(pem);
        var key = key(request.getSubjectPublicKeyInfo());
        var signedBy = request.getSignatureAlgorithm().getAlgorithm();
        if (!SIGNATURES.contains(signedBy)) {
            throw bad("is signed by %s; taken are SHA-2 with RSA or ECDSA, and Ed25519".formatted(signedBy), null);
        }
        try {
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw bad("is not signed by the key that it names", null);
            }
            return key;
        } catch (PKCSException | OperatorCreationException | RuntimeException odd) {
            throw odd instanceof FaultException known ? known : bad("is not signed by the key that it names", odd);
        }
    }

    private static PKCS10CertificationRequest parse(String pem) {
        try (var parser = new PEMParser(new StringReader(pem))) {
            var found = Optional.ofNullable(parser.readObject());
            if (found.isPresent() && found.get() instanceof PKCS10CertificationRequest request) {
                return request;
            }
        } catch (IOException | RuntimeException odd) {
            throw bad("is not PKCS #10 in PEM", odd);
        }
        throw bad("is not PKCS #10 in PEM ('BEGIN CERTIFICATE REQUEST')", null);
    }

    /** The size is looked at before anything is computed with the key. */
    private static PublicKey key(SubjectPublicKeyInfo info) {
        var algorithm = KEYS.get(info.getAlgorithm().getAlgorithm());
        if (algorithm == null) {
            throw bad(
                    "has a key of %s; taken are RSA, EC and Ed25519"
                            .formatted(info.getAlgorithm().getAlgorithm()),
                    null);
        }
        if (algorithm.equals("EC") && !CURVES.contains(info.getAlgorithm().getParameters())) {
            throw bad("has an EC key of another curve than P-256 and P-384", null);
        }
        try {
            var key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(info.getEncoded()));
            if (key instanceof RSAPublicKey rsa) {
                requireStrong(rsa);
            }
            return key;
        } catch (GeneralSecurityException | IOException odd) {
            throw bad("has a key that cannot be read", odd);
        }
    }

    private static void requireStrong(RSAPublicKey rsa) {
        int bits = rsa.getModulus().bitLength();
        if (bits < RSA_BITS_MIN
                || bits > RSA_BITS_MAX
                || rsa.getPublicExponent().bitLength() > 32) {
            throw bad(
                    "has an RSA key of %d bits; taken are %d to %d, with an exponent of at most 32 bits"
                            .formatted(bits, RSA_BITS_MIN, RSA_BITS_MAX),
                    null);
        }
    }

    private static FaultException bad(String why, Throwable causeOrNull) {
        return Fault.BAD_REQUEST.because("the certificate request " + why, causeOrNull);
    }
}
