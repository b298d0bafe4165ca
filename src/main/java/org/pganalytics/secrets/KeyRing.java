package org.pganalytics.secrets;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys under which values of the database are sealed, by id; all of them open, the last one also seals. As text it is a
 * line a key: {@code key ID BASE64}, of 32 bytes each. Immutable.
 */
public final class KeyRing {
    static final String CIPHER = "AES";
    static final int KEY_BYTES = 32;
    private static final Pattern LINE = Pattern.compile("key ([a-z0-9-]{1,32}) ([A-Za-z0-9+/]{43}=)");

    private final Map<String, SecretKey> keys;
    private final String current;

    private KeyRing(Map<String, SecretKey> keys) {
        this.keys = Map.copyOf(keys);
        this.current = new ArrayList<>(keys.keySet()).get(keys.size() - 1);
    }

    /**
     * Empty lines and those that begin with # are passed over.
     *
     * @param where the lines are from, for messages
     * @throws IllegalArgumentException in one line that shows no key: a line has another form, an id is there twice, or
     *     there is no key
     */
    public static KeyRing parse(String where, List<String> lines) {
        var keys = new LinkedHashMap<String, SecretKey>();
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                add(keys, "%s: line %d".formatted(where, i + 1), line);
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException(where + " has no key");
        }
        return new KeyRing(keys);
    }

    private static void add(Map<String, SecretKey> keys, String where, String line) {
        Matcher parts = LINE.matcher(line);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    where + " is not of the form 'key ID BASE64', of 1 to 32 of a-z, 0-9 and '-', and of 32 bytes");
        }
        var key = new SecretKeySpec(Base64.getDecoder().decode(parts.group(2)), CIPHER);
        if (keys.put(parts.group(1), key) != null) {
            throw new IllegalArgumentException("%s has the key %s once more".formatted(where, parts.group(1)));
        }
    }

    /** A line with a new key. */
    public static String newLine(SecureRandom random) {
        var id = new byte[4];
        random.nextBytes(id);
        var key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return "key k-%s %s%n"
                .formatted(HexFormat.of().formatHex(id), Base64.getEncoder().encodeToString(key));
    }

    /** The id of the key that seals. */
    public String current() {
        return current;
    }

    Optional<SecretKey> key(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    /** Never the keys. */
    @Override
    public String toString() {
        return "KeyRing%s".formatted(keys.keySet());
    }
}
