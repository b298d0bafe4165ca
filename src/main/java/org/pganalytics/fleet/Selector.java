package org.pganalytics.fleet;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Labels;

/**
 * Chooses collectors by their labels: {@code env=prod,tier!=db}. All conditions hold; {@code !=} also for those without
 * the label; an empty one chooses all.
 */
public record Selector(List<Condition> conditions) {
    private static final int LENGTH_MAX = 1_000;

    /** One label has this value, or has not. */
    record Condition(String key, boolean equal, String value) {
        boolean holds(Map<String, String> labels) {
            return value.equals(labels.get(key)) == equal;
        }

        private static Condition of(String text) {
            int equals = text.indexOf('=');
            boolean not = equals > 0 && text.charAt(equals - 1) == '!';
            var key = text.substring(0, Math.max(0, not ? equals - 1 : equals)).strip();
            var value = text.substring(equals + 1).strip();
            Labels.check(key, equals < 0 ? "" : value);
            return new Condition(key, !not, value);
        }

        @Override
        public String toString() {
            return key + (equal ? "=" : "!=") + value;
        }
    }

    public Selector {
        conditions = List.copyOf(conditions);
    }

    /** Fails with BAD_REQUEST. */
    public static Selector parse(String text) {
        if (text.length() > LENGTH_MAX) {
            throw Fault.BAD_REQUEST.because(
                    "a selector of %d characters; at most %d are allowed".formatted(text.length(), LENGTH_MAX));
        }
        try {
            return new Selector(
                    text.isBlank()
                            ? List.of()
                            : Stream.of(text.split(",", -1)).map(Condition::of).toList());
        } catch (IllegalArgumentException wrong) {
            throw Fault.BAD_REQUEST.because(
                    "the selector is key=value or key!=value, several with commas, or empty for all; "
                            + wrong.getMessage());
        }
    }

    boolean matches(Map<String, String> labels) {
        return conditions.stream().allMatch(condition -> condition.holds(labels));
    }

    /** The same selector is the same text, however it was written. */
    @Override
    public String toString() {
        return String.join(
                ",",
                conditions.stream().map(Condition::toString).sorted().distinct().toList());
    }
}
