package org.pganalytics.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256 of a batch's uncompressed body. @param bytes 32, not to be written to */
public record Digest(byte[] bytes) {
    public static final int BYTES = 32;

    public Digest {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a digest of %d bytes, it must be %d".formatted(bytes.length, BYTES));
        }
    }

    public static Digest of(byte[] body) {
        try {
            return new Digest(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
