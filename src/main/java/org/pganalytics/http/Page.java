package org.pganalytics.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;

/** Part of a list, as all lists of the API are answered: entries, and the cursor of the part that follows. */
public final class Page {
    private Page() {}

    /**
     * @param name what the entries are called
     * @param oneMore the entries of the page, and one more when there is a next page
     * @param position what the page after an entry begins after
     */
    public static <E> Answer of(
            Call call, String name, List<E> oneMore, Function<E, JsonObject> json, Function<E, List<String>> position) {
        int limit = call.integer("limit");
        var entries = new JsonArray();
        oneMore.stream().limit(limit).map(json).forEach(entries::add);
        var next = oneMore.size() <= limit ? null : Cursor.of(call, position.apply(oneMore.get(limit - 1)));
        return Answer.ok(new JsonObject().put(name, entries).put("next", next));
    }
}
