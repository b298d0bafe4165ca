package org.pganalytics.fleet;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Which collectors run which version of a profile.
 *
 * @param precedence of those that match a collector, that of the highest counts
 * @param current the version rolled out
 * @param percent of the collectors chosen that run it, 1 to 100
 * @param before the version before it: what the others run, and what a rollback goes to; empty for none
 */
public record Assignment(
        String profile, Selector selector, int precedence, Version current, int percent, Optional<Version> before) {
    static final int PRECEDENCE_MAX = 1_000;

    private static final Comparator<Assignment> FIRST = Comparator.comparingInt(Assignment::precedence)
            .reversed()
            .thenComparing(Assignment::profile)
            .thenComparing(assignment -> assignment.selector().toString());

    /** @param tag names its document to collectors */
    public record Version(int number, String tag) {}

    /** What a collector is to run. */
    public record Choice(String profile, Version version) {}

    /**
     * What a collector with these labels is to run. One assignment says it, the first in order of precedence, then of name;
     * one that is rolled out to a part of those chosen, and had no version before, leaves the others to the next one.
     */
    static Optional<Choice> choose(List<Assignment> assignments, UUID collector, Map<String, String> labels) {
        return assignments.stream()
                .filter(assignment -> assignment.selector.matches(labels))
                .sorted(FIRST)
                .flatMap(assignment -> assignment.versionFor(collector).stream())
                .findFirst();
    }

    private Optional<Choice> versionFor(UUID collector) {
        var version = isAmongFirst(collector) ? Optional.of(current) : before;
        return version.map(one -> new Choice(profile, one));
    }

    /** The same ones at each percentage, and others for each profile, so that no collector is always the first. */
    private boolean isAmongFirst(UUID collector) {
        long mixed = collector.getMostSignificantBits() * 31 + collector.getLeastSignificantBits();
        mixed = (mixed ^ profile.hashCode()) * 0x9E3779B97F4A7C15L;
        return Long.remainderUnsigned(mixed ^ mixed >>> 32, 100) < percent;
    }

    static Assignment of(Row row) {
        var before = row.getInteger("before_version");
        return new Assignment(
                row.getString("profile"),
                Selector.parse(row.getString("selector")),
                row.getInteger("precedence"),
                new Version(row.getInteger("version"), row.getString("tag")),
                row.getInteger("percent"),
                before == null ? Optional.empty() : Optional.of(new Version(before, row.getString("before_tag"))));
    }

    /** As the API shows it. */
    public JsonObject json() {
        return new JsonObject()
                .put("profile", profile)
                .put("selector", selector.toString())
                .put("precedence", precedence)
                .put("version", current.number())
                .put("percent", percent)
                .put("before_version", before.map(Version::number).orElse(null));
    }
}
