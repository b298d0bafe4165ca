package org.pganalytics.identity.saml;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opens assertions that were encrypted for this server (XML Encryption 1.1): AES under a key that RSA-OAEP carries. RSA 1.5
 * is refused. CBC, whose text can be changed and tried, is opened only where a signature has been checked before.
 */
final class AssertionKey {
    private static final String OAEP_SHA1 = Saml.XENC + "rsa-oaep-mgf1p";
    private static final String OAEP = Saml.XENC11 + "rsa-oaep";
    private static final int GCM_IV_BYTES = 12;
    private static final int GCM_TAG_BITS = 128;
    private static final int CBC_IV_BYTES = 16;

    /** Bytes of the key by algorithm. */
    private static final Map<String, Integer> GCM =
            Map.of(Saml.XENC11 + "aes128-gcm", 16, Saml.XENC11 + "aes192-gcm", 24, Saml.XENC11 + "aes256-gcm", 32);

    private static final Map<String, Integer> CBC =
            Map.of(Saml.XENC + "aes128-cbc", 16, Saml.XENC + "aes192-cbc", 24, Saml.XENC + "aes256-cbc", 32);

    private static final Map<String, String> DIGESTS = Map.of(
            Saml.DSIG + "sha1",
            "SHA-1",
            Saml.XENC + "sha256",
            "SHA-256",
            "http://www.w3.org/2001/04/xmldsig-more#sha384",
            "SHA-384",
            Saml.XENC + "sha512",
            "SHA-512");
    private static final Map<String, String> MASKS = Map.of(
            Saml.XENC11 + "mgf1sha1", "SHA-1",
            Saml.XENC11 + "mgf1sha256", "SHA-256",
            Saml.XENC11 + "mgf1sha384", "SHA-384",
            Saml.XENC11 + "mgf1sha512", "SHA-512");

    private final PrivateKey key;

    AssertionKey(PrivateKey key) {
        this.key = key;
    }

    /**
     * The assertion's bytes.
     *
     * @param signed whether a signature over all of it has been checked
     */
    byte[] open(XmlElement encrypted, boolean signed) {
        var data = encrypted.only(Saml.XENC, "EncryptedData");
        var algorithm = data.only(Saml.XENC, "EncryptionMethod").required("Algorithm");
        requireAllowed(algorithm, signed);
        var encryptedKey = encryptedKey(encrypted, data);
        var parameters = oaep(encryptedKey.only(Saml.XENC, "EncryptionMethod"));
        try {
            var unwrap = Cipher.getInstance("RSA/ECB/OAEPPadding");
            unwrap.init(Cipher.DECRYPT_MODE, key, parameters);
            return opened(algorithm, unwrap.doFinal(cipherText(encryptedKey)), cipherText(data));
        } catch (GeneralSecurityException | IllegalArgumentException notOurs) {
            // Always the same words: what exactly was wrong would help to guess the text.
            throw Saml.refused("it cannot be decrypted with the key of identity.saml.key");
        }
    }

    private static void requireAllowed(String algorithm, boolean signed) {
        if (!CBC.containsKey(algorithm) && !GCM.containsKey(algorithm)) {
            throw Saml.refused(
                    "it is encrypted with an algorithm that is not allowed; allowed are AES-GCM and AES-CBC");
        }
        if (CBC.containsKey(algorithm) && !signed) {
            throw Saml.refused(
                    "an assertion that is encrypted with AES-CBC takes a response that is signed, too; let the"
                            + " identity provider use AES-GCM, or sign the response");
        }
    }

    private static byte[] opened(String algorithm, byte[] secret, byte[] bytes) throws GeneralSecurityException {
        boolean isGcm = GCM.containsKey(algorithm);
        int ivBytes = isGcm ? GCM_IV_BYTES : CBC_IV_BYTES;
        if (secret.length != (isGcm ? GCM : CBC).get(algorithm) || bytes.length <= ivBytes) {
            throw new GeneralSecurityException("of another length");
        }
        byte[] iv = Arrays.copyOf(bytes, ivBytes);
        AlgorithmParameterSpec spec = isGcm ? new GCMParameterSpec(GCM_TAG_BITS, iv) : new IvParameterSpec(iv);
        var opening = Cipher.getInstance(isGcm ? "AES/GCM/NoPadding" : "AES/CBC/ISO10126Padding");
        opening.init(Cipher.DECRYPT_MODE, new SecretKeySpec(secret, "AES"), spec);
        return opening.doFinal(bytes, ivBytes, bytes.length - ivBytes);
    }

    /** In the KeyInfo, or beside the data. */
    private static XmlElement encryptedKey(XmlElement encrypted, XmlElement data) {
        var inside = data.optional(Saml.DSIG, "KeyInfo").stream()
                .flatMap(info -> info.children(Saml.XENC, "EncryptedKey").stream());
        var found = Stream.concat(inside, encrypted.children(Saml.XENC, "EncryptedKey").stream())
                .toList();
        if (found.size() != 1) {
            throw Saml.refused("its encrypted assertion must have exactly one key");
        }
        return found.get(0);
    }

    private static OAEPParameterSpec oaep(XmlElement method) {
        var algorithm = method.required("Algorithm");
        if (!algorithm.equals(OAEP) && !algorithm.equals(OAEP_SHA1)) {
            throw Saml.refused("its key is encrypted with an algorithm that is not allowed; allowed is RSA-OAEP");
        }
        var digest = named(method, Saml.DSIG, "DigestMethod", DIGESTS);
        var mask = algorithm.equals(OAEP) ? named(method, Saml.XENC11, "MGF", MASKS) : "SHA-1";
        if (!method.children(Saml.XENC, "OAEPparams").isEmpty()) {
            throw Saml.refused("its key is encrypted with OAEP parameters");
        }
        return new OAEPParameterSpec(digest, "MGF1", new MGF1ParameterSpec(mask), PSource.PSpecified.DEFAULT);
    }

    private static String named(XmlElement method, String namespace, String name, Map<String, String> known) {
        var algorithm = method.optional(namespace, name).map(said -> said.required("Algorithm"));
        return algorithm
                .map(said -> {
                    if (!known.containsKey(said)) {
                        throw Saml.refused("its key is encrypted with an unknown " + name);
                    }
                    return known.get(said);
                })
                .orElse("SHA-1");
    }

    private static byte[] cipherText(XmlElement of) {
        var text =
                of.only(Saml.XENC, "CipherData").only(Saml.XENC, "CipherValue").text();
        return Base64.getMimeDecoder().decode(text);
    }
}
