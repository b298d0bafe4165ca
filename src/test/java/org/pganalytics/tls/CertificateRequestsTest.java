package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** What is believed of a request, and what of one that means ill. */
class CertificateRequestsTest {
    private static KeyPair keys(String algorithm, String size) throws Exception {
        var generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec(size));
        } else if (!size.isEmpty()) {
            generator.initialize(Integer.parseInt(size));
        }
        return generator.generateKeyPair();
    }

    private static String request(PublicKey named, KeyPair signing, String signature) throws Exception {
        var info = SubjectPublicKeyInfo.getInstance(named.getEncoded());
        var made = new PKCS10CertificationRequestBuilder(new X500Name("CN=x"), info)
                .build(new JcaContentSignerBuilder(signature).build(signing.getPrivate()));
        return Pem.text("CERTIFICATE REQUEST", made.getEncoded());
    }

    private static void assertRefused(String why, String request) {
        var refusal = assertThrows(FaultException.class, () -> CertificateRequests.provenKey(request));
        assertEquals(Fault.BAD_REQUEST, refusal.fault());
        assertTrue(refusal.detail().contains(why), refusal.detail());
    }

    @ParameterizedTest
    @CsvSource({
        "RSA,2048,SHA256withRSA",
        "RSA,4096,SHA512withRSA",
        "EC,secp256r1,SHA256withECDSA",
        "EC,secp384r1,SHA384withECDSA",
        "Ed25519,'',Ed25519"
    })
    void theKeyOfAGoodOneIsTaken(String algorithm, String size, String signature) throws Exception {
        var keys = keys(algorithm, size);
        assertEquals(keys.getPublic(), CertificateRequests.provenKey(request(keys.getPublic(), keys, signature)));
    }

    @Test
    void theAgentsOwnIsTaken() {
        var keys = CertificateRequests.newKey();
        var made = CertificateRequests.request(keys, "a name, with \u00fc and = and \"");
        assertEquals(keys.getPublic(), CertificateRequests.provenKey(made));
    }

    @ParameterizedTest
    @CsvSource({
        "RSA,1024,SHA256withRSA,an RSA key of 1024 bits",
        "RSA,2048,SHA1withRSA,is signed by",
        "RSA,2048,MD5withRSA,is signed by",
        "EC,secp521r1,SHA512withECDSA,another curve",
        "EC,secp256r1,SHA1withECDSA,is signed by",
        "DSA,2048,SHA256withDSA,has a key of",
        "Ed448,'',Ed448,has a key of"
    })
    void whatIsWeakOrUnknownIsRefusedByName(String algorithm, String size, String signature, String why)
            throws Exception {
        var keys = keys(algorithm, size);
        assertRefused(why, request(keys.getPublic(), keys, signature));
    }

    @Test
    void somebodyElsesKeyIsNotCertified() throws Exception {
        var victim = keys("EC", "secp256r1");
        var thief = keys("EC", "secp256r1");
        assertRefused("is not signed by the key", request(victim.getPublic(), thief, "SHA256withECDSA"));
        assertRefused("is not signed by the key", request(victim.getPublic(), keys("RSA", "2048"), "SHA256withRSA"));
    }

    /** What would take long to compute with is refused before. */
    @Test
    void hugeNumbersAreNotComputedWith() throws Exception {
        var signing = keys("RSA", "2048");
        var factory = KeyFactory.getInstance("RSA");
        var wide = BigInteger.ONE.shiftLeft(16_383).setBit(0);
        var huge = factory.generatePublic(new RSAPublicKeySpec(wide, BigInteger.valueOf(65_537)));
        assertRefused("an RSA key of 16384 bits", request(huge, signing, "SHA256withRSA"));
        var modulus = BigInteger.ONE.shiftLeft(2_047).setBit(0);
        var exponent = BigInteger.ONE.shiftLeft(2_000).setBit(0);
        var slow = factory.generatePublic(new RSAPublicKeySpec(modulus, exponent));
        assertRefused("an exponent of at most 32 bits", request(slow, signing, "SHA256withRSA"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "-----BEGIN CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE REQUEST-----\n!!\n" + "-----END CERTIFICATE REQUEST-----\n",
                "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE" + " REQUEST-----\n",
                "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END X-----\n"
            })
    void whatIsNoRequestIsRefused(String text) {
        assertRefused("is not PKCS #10", text);
    }

    @Test
    void anotherKindOfPemIsRefusedAndSoIsOneThatIsTooLong() throws Exception {
        var keys = CertificateRequests.newKey();
        assertRefused("is not PKCS #10", CertificateRequests.keyText(keys));
        assertRefused("has 9000 characters", "x".repeat(9_000));
        var attribute = CertificateRequests.request(keys, "x".repeat(8_000));
        assertRefused("at most 8192", attribute);
    }

    /** A request that was changed on the way is refused, or as good as before: no other key is ever certified. */
    @Test
    void noFlippedBitCertifiesAnotherKey() throws Exception {
        var keys = CertificateRequests.newKey();
        var text = CertificateRequests.request(keys, "flipped");
        byte[] der = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
        int refused = 0;
        for (int bit = 0; bit < der.length * 8; bit++) {
            var changed = der.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                var proven = CertificateRequests.provenKey(Pem.text("CERTIFICATE REQUEST", changed));
                assertEquals(keys.getPublic(), proven, "bit " + bit);
            } catch (FaultException refusal) {
                assertEquals(Fault.BAD_REQUEST, refusal.fault(), "bit " + bit);
                refused++;
            }
        }
        assertTrue(refused > der.length * 8 * 0.95, "refused: " + refused);
    }
}
