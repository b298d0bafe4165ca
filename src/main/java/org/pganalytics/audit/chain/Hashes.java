package org.pganalytics.audit.chain;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The hashes that the chain is made of. */
final class Hashes {
    static final int BYTES = 32;
    private static final String HMAC = "HmacSHA256";

    private Hashes() {}

    static byte[] sha256(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    static byte[] hmac(byte[] key, byte[] text) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(text);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + HMAC, impossible);
        }
    }

    /** The hash before the first event. */
    static byte[] origin(UUID chain) {
        return sha256(("pganalytics audit chain " + chain).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The hash at a position.
     *
     * @param digest of the canonical event: who has only the public key can follow the chain too
     */
    static byte[] link(byte[] before, long position, long eventId, byte[] digest, byte[] hmac) {
        var place = ByteBuffer.allocate(2 * Long.BYTES).putLong(position).putLong(eventId);
        return sha256(before, place.array(), digest, hmac);
    }
}
