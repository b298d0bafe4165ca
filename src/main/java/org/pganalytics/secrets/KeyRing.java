package org.pganalytics.secrets;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys under which values of the database are sealed, by id. As text it is a line a key, of 32 bytes each: {@code key ID
 * BASE64}, of which the last one seals and all open, then {@code next ID BASE64}, which only opens until every server has
 * it. Immutable.
 */
public final class KeyRing {
    static final String CIPHER = "AES";
    static final int KEY_BYTES = 32;
    private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,32}");
    private static final Pattern LINE = Pattern.compile("(key|next) (%s) ([A-Za-z0-9+/]{43}=)".formatted(ID));

    private final List<Entry> entries;
    private final Map<String, SecretKey> keys;
    private final String current;

    private record Entry(boolean next, String id, String base64) {
        String line() {
            return "%s %s %s%n".formatted(next ? "next" : "key", id, base64);
        }
    }

    private KeyRing(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        this.keys = entries.stream()
                .collect(Collectors.toMap(
                        Entry::id,
                        entry -> new SecretKeySpec(Base64.getDecoder().decode(entry.base64()), CIPHER)));
        this.current = entries.stream()
                .filter(entry -> !entry.next())
                .reduce((one, later) -> later)
                .orElseThrow()
                .id();
    }

    /**
     * Empty lines and those that begin with # are passed over.
     *
     * @param where the lines are from, for messages
     * @throws IllegalArgumentException in one line that shows no key: a line has another form or stands after a next one, an
     *     id is there twice, or there is no key
     */
    public static KeyRing parse(String where, List<String> lines) {
        var entries = new LinkedHashMap<String, Entry>();
        boolean nextSeen = false;
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                var at = "%s: line %d".formatted(where, i + 1);
                var entry = entry(at, line);
                if (nextSeen) {
                    throw new IllegalArgumentException(at + " stands after a next key, which must be the last line");
                }
                nextSeen = entry.next();
                if (entries.put(entry.id(), entry) != null) {
                    throw new IllegalArgumentException("%s has the key %s once more".formatted(at, entry.id()));
                }
            }
        }
        if (entries.values().stream().allMatch(Entry::next)) {
            throw new IllegalArgumentException(where + " has no key");
        }
        return new KeyRing(List.copyOf(entries.values()));
    }

    private static Entry entry(String at, String line) {
        var parts = LINE.matcher(line);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    at + " is not of the form 'key ID BASE64', of 1 to 32 of a-z, 0-9 and '-', and of 32 bytes");
        }
        return new Entry(parts.group(1).equals("next"), parts.group(2), parts.group(3));
    }

    /** With one new key. */
    public static KeyRing create(SecureRandom random) {
        return new KeyRing(List.of(newEntry(false, random)));
    }

    private static Entry newEntry(boolean next, SecureRandom random) {
        var id = new byte[4];
        random.nextBytes(id);
        var key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new Entry(
                next, "k-" + HexFormat.of().formatHex(id), Base64.getEncoder().encodeToString(key));
    }

    /** With a new key that opens; the same where there is one that does not seal yet. */
    public KeyRing withNext(SecureRandom random) {
        if (next().isPresent()) {
            return this;
        }
        var more = new ArrayList<>(entries);
        more.add(newEntry(true, random));
        return new KeyRing(more);
    }

    /** The key that only opened seals from now on. */
    public KeyRing withNextSealing() {
        return new KeyRing(entries.stream()
                .map(entry -> new Entry(false, entry.id(), entry.base64()))
                .toList());
    }

    /** @throws IllegalArgumentException when it seals, or is not there */
    public KeyRing without(String id) {
        if (id.equals(current)) {
            throw new IllegalArgumentException("the key %s is the one that seals".formatted(id));
        }
        if (!keys.containsKey(id)) {
            throw new IllegalArgumentException("there is no key %s; there are: %s".formatted(id, ids()));
        }
        return new KeyRing(
                entries.stream().filter(entry -> !entry.id().equals(id)).toList());
    }

    /** The id of the key that seals. */
    public String current() {
        return current;
    }

    /** The id of the key that opens only, until every server has it. */
    public Optional<String> next() {
        return entries.stream().filter(Entry::next).map(Entry::id).findFirst();
    }

    /** The ids of those that sealed once: what is under them is to be sealed anew. */
    public List<String> older() {
        return entries.stream()
                .filter(entry -> !entry.next() && !entry.id().equals(current))
                .map(Entry::id)
                .toList();
    }

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    public List<String> ids() {
        return entries.stream().map(Entry::id).toList();
    }

    Optional<SecretKey> key(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    /** Lines with the keys themselves, for a file of its owner's alone. */
    public String text() {
        return entries.stream().map(Entry::line).collect(Collectors.joining());
    }

    /** Never the keys. */
    @Override
    public String toString() {
        return "KeyRing" + ids();
    }
}
