package org.pganalytics.secrets;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals values of the database, each under a key of its own, which is sealed under one of the ring; both by AES-256-GCM,
 * with the place of the value as associated data, so that a value that was moved does not open. Thread-safe, takes
 * microseconds.
 *
 * <p>A sealed value: a byte of the form (1), one of the length of the key's id, the id in ASCII, the value's key (nonce of
 * 12 bytes, 32 bytes, tag of 16), the value (nonce of 12 bytes, as many bytes as the value, tag of 16).
 */
public final class Envelope {
    private static final byte FORM = 1;
    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int SEALED_KEY_BYTES = NONCE_BYTES + KeyRing.KEY_BYTES + TAG_BYTES;

    private final Supplier<KeyRing> rings;
    private final SecureRandom random;

    /** @param rings the ring as it is now: it may change while this lives */
    public Envelope(Supplier<KeyRing> rings, SecureRandom random) {
        this.rings = rings;
        this.random = random;
    }

    /** Where a value is: it opens nowhere else. @param row what the row's primary key is, as text */
    public record Place(String table, String column, String row) {
        byte[] bytes(String keyId) {
            return String.join("\0", "pganalytics", table, column, row, keyId).getBytes(StandardCharsets.UTF_8);
        }
    }

    private record Parts(String keyId, byte[] sealedKey, byte[] sealedValue) {
        byte[] join() {
            var id = keyId.getBytes(StandardCharsets.US_ASCII);
            return ByteBuffer.allocate(2 + id.length + sealedKey.length + sealedValue.length)
                    .put(FORM)
                    .put((byte) id.length)
                    .put(id)
                    .put(sealedKey)
                    .put(sealedValue)
                    .array();
        }

        static Parts of(byte[] sealed) {
            int idBytes = sealed.length > 2 ? sealed[1] : 0;
            int start = 2 + idBytes + SEALED_KEY_BYTES;
            if (idBytes < 1 || sealed[0] != FORM || sealed.length < start + NONCE_BYTES + TAG_BYTES) {
                throw new SealException("is not of the form of a sealed value");
            }
            return new Parts(
                    new String(sealed, 2, idBytes, StandardCharsets.US_ASCII),
                    Arrays.copyOfRange(sealed, 2 + idBytes, start),
                    Arrays.copyOfRange(sealed, start, sealed.length));
        }
    }

    public byte[] seal(Place place, byte[] value) {
        var ring = rings.get();
        var key = new byte[KeyRing.KEY_BYTES];
        random.nextBytes(key);
        return new Parts(
                        ring.current(),
                        sealKey(ring, place, key),
                        crypt(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, KeyRing.CIPHER), value, place.bytes("")))
                .join();
    }

    /** @throws SealException of a key that is not on the ring, a value that was changed, or one that is of another place */
    public byte[] open(Place place, byte[] sealed) {
        var parts = Parts.of(sealed);
        var key = new SecretKeySpec(openKey(rings.get(), place, parts), KeyRing.CIPHER);
        return crypt(Cipher.DECRYPT_MODE, key, parts.sealedValue(), place.bytes(""));
    }

    /** The same value with its key sealed under the current key of the ring. Fails as {@link #open} does. */
    public byte[] rewrap(Place place, byte[] sealed) {
        var parts = Parts.of(sealed);
        var ring = rings.get();
        return new Parts(ring.current(), sealKey(ring, place, openKey(ring, place, parts)), parts.sealedValue()).join();
    }

    /** Under which key of the ring a value is. @throws SealException of what is no sealed value */
    public static String keyId(byte[] sealed) {
        return Parts.of(sealed).keyId();
    }

    private byte[] sealKey(KeyRing ring, Place place, byte[] key) {
        var id = ring.current();
        return crypt(Cipher.ENCRYPT_MODE, ring.key(id).orElseThrow(), key, place.bytes(id));
    }

    private byte[] openKey(KeyRing ring, Place place, Parts parts) {
        var key = ring.key(parts.keyId())
                .orElseThrow(
                        () -> new SealException("was sealed under the key %s, which is not on the ring of this server"
                                .formatted(parts.keyId())));
        return crypt(Cipher.DECRYPT_MODE, key, parts.sealedKey(), place.bytes(parts.keyId()));
    }

    /** What is encrypted has its nonce before it. */
    private byte[] crypt(int mode, Key key, byte[] bytes, byte[] place) {
        try {
            var cipher = Cipher.getInstance(TRANSFORMATION);
            boolean sealing = mode == Cipher.ENCRYPT_MODE;
            var nonce = sealing ? new byte[NONCE_BYTES] : Arrays.copyOf(bytes, NONCE_BYTES);
            if (sealing) {
                random.nextBytes(nonce);
            }
            cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            cipher.updateAAD(place);
            if (!sealing) {
                return cipher.doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
            }
            var sealed = cipher.doFinal(bytes);
            return ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new SealException("does not open: it was changed, or moved from another place", e);
        }
    }
}
