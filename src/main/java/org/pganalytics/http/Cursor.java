package org.pganalytics.http;

import io.vertx.core.json.JsonArray;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.pganalytics.fault.Fault;

/**
 * Where a page ended, as whoever reads carries it to the next. It belongs to its request: with another filter or sort it
 * is refused. It holds nothing secret, and its values go into SQL as bound values only. Anybody can make one: what it may
 * reach is for whoever parses it to check.
 */
public final class Cursor {
    private static final int REQUEST_BYTES = 8;

    private Cursor() {}

    /** @param position what the next page begins after */
    public static String of(Call call, List<String> position) {
        var fields = new JsonArray().add(request(call));
        position.forEach(fields::add);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(fields.encode().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns the position of the call's cursor, or empty when it has none. Fails with BAD_REQUEST.
     *
     * @param fields how many values a position has
     * @param parse makes a position of them; whatever it throws means that the cursor is not one of ours
     */
    public static <P> Optional<P> read(Call call, int fields, Function<List<String>, P> parse) {
        return call.optional("cursor").map(text -> parse(call, text, fields, parse));
    }

    private static <P> P parse(Call call, String text, int fields, Function<List<String>, P> parse) {
        try {
            var read = new JsonArray(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
            var values = new ArrayList<String>();
            read.forEach(value -> values.add((String) value));
            // PostgreSQL has no text with a character 0.
            if (values.size() == fields + 1
                    && request(call).equals(values.remove(0))
                    && values.stream().noneMatch(value -> value.indexOf(0) >= 0)) {
                return parse.apply(values);
            }
        } catch (RuntimeException odd) {
            throw refusal(odd);
        }
        throw refusal(null);
    }

    private static RuntimeException refusal(Throwable cause) {
        return Fault.BAD_REQUEST.because(
                "query parameter 'cursor' is not one that this request gave; ask with the same parameters, or begin"
                        + " without a cursor",
                cause);
    }

    /** The request without what changes from page to page. */
    private static String request(Call call) {
        var same = new TreeMap<>(call.parameters());
        same.remove("cursor");
        same.remove("limit");
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            var digest = sha.digest((call.operation().id() + same).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, REQUEST_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
