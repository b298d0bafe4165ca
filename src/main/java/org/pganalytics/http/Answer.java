package org.pganalytics.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/**
 * What an operation answers when it did what it was asked.
 *
 * @param mediaType null without a body
 * @param headers beside those that every answer has
 */
public record Answer(int status, String mediaType, Buffer body, Map<String, String> headers) {
    public Answer {
        headers = Map.copyOf(headers);
    }

    public Answer(int status, String mediaType, Buffer body) {
        this(status, mediaType, body, Map.of());
    }

    public static Answer ok(JsonObject body) {
        return json(200, body);
    }

    /** Something new is there. */
    public static Answer created(JsonObject body) {
        return json(201, body);
    }

    /** Done, with nothing to say. */
    public static Answer nothing() {
        return new Answer(204, null, null);
    }

    /** It goes on there, asked for by GET. */
    public static Answer redirect(String location) {
        return new Answer(303, null, null).with("Location", location);
    }

    private static Answer json(int status, JsonObject body) {
        return new Answer(status, "application/json", body.toBuffer());
    }

    /** The same with a header more. */
    public Answer with(String header, String value) {
        var more = new HashMap<>(headers);
        more.put(header, value);
        return new Answer(status, mediaType, body, more);
    }
}
