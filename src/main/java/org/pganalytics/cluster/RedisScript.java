package org.pganalytics.cluster;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua script and the name under which Redis keeps it. Of what it reads and writes, every key is among its KEYS. */
public record RedisScript(String text, String sha1) {

    public static RedisScript of(String text) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            return new RedisScript(text, HexFormat.of().formatHex(sha1.digest(text.getBytes(StandardCharsets.UTF_8))));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-1", impossible);
        }
    }
}
