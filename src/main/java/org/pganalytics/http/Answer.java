package org.pganalytics.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** What an operation answers when it did what it was asked. @param mediaType null without a body */
public record Answer(int status, String mediaType, Buffer body) {
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

    private static Answer json(int status, JsonObject body) {
        return new Answer(status, "application/json", body.toBuffer());
    }
}
