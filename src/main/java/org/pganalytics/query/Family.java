package org.pganalytics.query;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;

/**
 * A metric family as the database knows it, declared today or not.
 *
 * @param columns those of all its declarations, as the latest has them
 * @param dictionaryKey the column by which a dictionary explains the samples of {@code dictionaryOf}; else both null
 */
record Family(
        String name,
        boolean dictionary,
        String title,
        long retentionSeconds,
        RollingUp rollingUp,
        String dictionaryOf,
        String dictionaryKey,
        List<Column> columns) {
    /** @param lookBackSeconds how far back the sample before may lie from which a counter grew */
    record RollingUp(boolean on, long lookBackSeconds) {}

    Family {
        columns = List.copyOf(columns);
    }

    /** Its name needs no quotes by the rules of {@code model.Names}. */
    String table() {
        return "metrics." + name;
    }

    boolean rolledUp() {
        return rollingUp.on();
    }

    long lookBackSeconds() {
        return rollingUp.lookBackSeconds();
    }

    Optional<Column> column(String wanted) {
        return columns.stream().filter(column -> column.name().equals(wanted)).findFirst();
    }

    List<Column> keys() {
        return columns.stream()
                .filter(column -> column.role() == ColumnRole.KEY)
                .toList();
    }

    /** Without the columns. */
    JsonObject json() {
        return new JsonObject()
                .put("family", name)
                .put("kind", dictionary ? "dictionary" : "samples")
                .put("title", title)
                .put("retention_seconds", retentionSeconds)
                .put("dictionary_of", dictionaryOf)
                .put("dictionary_key", dictionaryKey);
    }

    static JsonArray json(List<Column> columns) {
        var array = new JsonArray();
        columns.forEach(column -> array.add(new JsonObject()
                .put("name", column.name())
                .put("type", column.type().sqlName())
                .put("role", column.role().declaredName())));
        return array;
    }
}
