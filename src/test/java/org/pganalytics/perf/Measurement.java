package org.pganalytics.perf;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One figure, as often as it was taken.
 *
 * @param key in the result files
 * @param goal what it is held to; null for one that only explains others
 * @param unit of the values; empty for a ratio
 */
public record Measurement(String key, String unit, List<Double> values, Goal goal) {
    public Measurement {
        values = values.stream().sorted().toList();
        if (values.isEmpty()) {
            throw new IllegalArgumentException(key + " was never measured");
        }
    }

    static Measurement of(Goal goal, List<Double> values) {
        return new Measurement(goal.key(), goal.unit(), values, goal);
    }

    static Measurement of(Goal goal, double value) {
        return of(goal, List.of(value));
    }

    /** A figure that explains others. */
    static Measurement aside(String key, String unit, List<Double> values) {
        return new Measurement(key, unit, values, null);
    }

    static Measurement aside(String key, String unit, double value) {
        return aside(key, unit, List.of(value));
    }

    double median() {
        int middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }

    double least() {
        return values.get(0);
    }

    double most() {
        return values.get(values.size() - 1);
    }

    JsonObject json() {
        var json = new JsonObject()
                .put("median", median())
                .put("least", least())
                .put("most", most())
                .put("unit", unit)
                .put("values", new JsonArray(values));
        return goal == null
                ? json
                : json.put("floor", goal.hasFloor() ? goal.floor() : null)
                        .put("aim", goal.aim())
                        .put("met", goal.isMetBy(median()));
    }
}
