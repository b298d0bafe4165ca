package org.pganalytics.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pganalytics.fault.Span;
import org.pganalytics.model.MetricFamily;

/**
 * What differs between the running configuration and a fresh one.
 *
 * @param config the running one with what takes effect at once; the rest stays as it runs
 * @param applied what takes effect at once, a line each
 * @param needsRestart what does not, a line each
 */
public record Reload(ServerConfig config, List<String> applied, List<String> needsRestart) {
    /** Keys, or beginnings of keys, that docs/configuration.md marks reloadable. */
    static final List<String> RELOADABLE = List.of(
            "log.level",
            "admission.collector.",
            "admission.server.",
            "roll-up.",
            "series.per-",
            "series.memory-bytes-max",
            "series.followed-max");

    public Reload {
        applied = List.copyOf(applied);
        needsRestart = List.copyOf(needsRestart);
    }

    public static Reload between(ServerConfig running, ServerConfig fresh) {
        var applied = new ArrayList<String>();
        var needsRestart = new ArrayList<String>();
        var keys = new TreeSet<>(running.settings().keySet());
        keys.addAll(fresh.settings().keySet());
        for (var key : keys) {
            var before = running.settings().get(key);
            var after = fresh.settings().get(key);
            if (!Objects.equals(before, after)) {
                var change =
                        before != null && before.startsWith("secret ") ? key : key + ": " + before + " -> " + after;
                (isReloadable(key) ? applied : needsRestart).add(change);
            }
        }
        compareFamilies(running.families(), fresh.families(), applied, needsRestart);
        return new Reload(merged(running, fresh), applied, needsRestart);
    }

    private static ServerConfig merged(ServerConfig running, ServerConfig fresh) {
        var settings = new HashMap<>(running.settings());
        settings.keySet().removeIf(Reload::isReloadable);
        fresh.settings().forEach((key, value) -> {
            if (isReloadable(key)) {
                settings.put(key, value);
            }
        });
        var admission = running.admission()
                .with(fresh.admission().collector(), fresh.admission().server());
        return running.with(new ServerConfig.Live(
                fresh.logLevel(),
                admission,
                running.series().withLimitsOf(fresh.series()),
                fresh.rollUp(),
                merged(running.families(), fresh.families()),
                settings));
    }

    /** Those that run, with the times of the fresh ones where only these differ, and those that are new. */
    private static List<MetricFamily> merged(List<MetricFamily> running, List<MetricFamily> fresh) {
        var names = running.stream().map(MetricFamily::name).collect(Collectors.toSet());
        var kept = running.stream()
                .map(was -> fresh.stream()
                        .filter(now -> sameButTimes(was, now))
                        .findFirst()
                        .orElse(was));
        return Stream.concat(kept, fresh.stream().filter(now -> !names.contains(now.name())))
                .toList();
    }

    private static boolean sameButTimes(MetricFamily was, MetricFamily now) {
        return was.schema().equals(now.schema()) && was.statements().equals(now.statements());
    }

    static boolean isReloadable(String key) {
        return RELOADABLE.stream().anyMatch(key::startsWith);
    }

    private static void compareFamilies(
            List<MetricFamily> running, List<MetricFamily> fresh, List<String> applied, List<String> needsRestart) {
        Map<String, MetricFamily> before = new HashMap<>();
        running.forEach(family -> before.put(family.name(), family));
        for (var family : fresh) {
            var was = before.remove(family.name());
            if (was == null) {
                applied.add("family " + family.name() + " is new");
            } else if (!was.schema().equals(family.schema())
                    || !was.statements().equals(family.statements())) {
                needsRestart.add("family " + family.name() + " has other columns or another statement");
            } else {
                compareTimes(was, family, applied);
            }
        }
        before.keySet().forEach(name -> needsRestart.add("family " + name + " is gone"));
    }

    private static String said(MetricFamily family) {
        return family.seriesMax().isPresent()
                ? Integer.toString(family.seriesMax().getAsInt())
                : "as configured";
    }

    private static String rollUp(MetricFamily family) {
        return family.rollsUp() ? "on" : "off";
    }

    private static void compareTimes(MetricFamily was, MetricFamily now, List<String> applied) {
        if (!was.interval().equals(now.interval())) {
            applied.add("family %s: interval %s -> %s"
                    .formatted(now.name(), Span.text(was.interval()), Span.text(now.interval())));
        }
        if (!was.retention().equals(now.retention())) {
            applied.add("family %s: retention %s -> %s"
                    .formatted(now.name(), Span.text(was.retention()), Span.text(now.retention())));
        }
        if (was.rollsUp() != now.rollsUp()) {
            applied.add("family %s: roll-up %s -> %s".formatted(now.name(), rollUp(was), rollUp(now)));
        }
        if (!was.seriesMax().equals(now.seriesMax())) {
            applied.add("family %s: series-max %s -> %s".formatted(now.name(), said(was), said(now)));
        }
    }
}
