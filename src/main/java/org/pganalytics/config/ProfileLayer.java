package org.pganalytics.config;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.EffectiveConfig;
import org.pganalytics.collector.PullConfig.Allowed;
import org.pganalytics.collector.TargetConfig;
import org.pganalytics.config.ProfileFile.SampleLimits;
import org.pganalytics.model.MetricFamily;

/**
 * Lays what a profile says over a collector's own configuration. The host's word counts where it says more: what it skips
 * stays skipped, an interval it sets for a target stays, and what a target must bear only ever becomes less.
 *
 * @param said the keys that the profile has
 * @param limits their values
 * @param declared the families that it declares
 */
record ProfileLayer(Config said, SampleLimits limits, List<MetricFamily> declared) {

    EffectiveConfig over(CollectorConfig own, List<MetricFamily> families) {
        boolean everything = own.pull().serverConfig() == Allowed.ALL;
        var notes = new ArrayList<String>();
        var others = said.root().keySet().stream()
                .filter(key -> !key.equals("intervals") && !key.equals("declarations"))
                .sorted()
                .toList();
        if (!everything && !others.isEmpty()) {
            notes.add("left out, as server-config is intervals: " + String.join(", ", others));
        }
        var changed = new HashMap<String, Object>();
        changed.put(
                "targets",
                own.targets().stream().map(one -> target(one, everything)).toList());
        if (everything) {
            changed.put("batch", Binder.with(own.batch(), batch()));
            changed.put("cpuBudget", budget(own.cpuBudget()));
        }
        return new EffectiveConfig(
                Binder.with(own, changed), families(own, families, everything, notes), String.join("; ", notes));
    }

    private Map<String, Object> batch() {
        var batch = Binder.values(limits.batch());
        batch.keySet().removeIf(name -> !said.hasPath("batch." + Binder.kebab(name)));
        return batch;
    }

    /** The tighter of the two; 0 is none. */
    private double budget(double own) {
        if (!said.hasPath("cpu-budget") || limits.cpuBudget() == 0) {
            return own;
        }
        return own == 0 ? limits.cpuBudget() : Math.min(own, limits.cpuBudget());
    }

    private TargetConfig target(TargetConfig own, boolean everything) {
        var changed = new HashMap<String, Object>();
        var intervals = new HashMap<>(limits.intervals());
        intervals.putAll(own.intervals());
        changed.put("intervals", intervals);
        if (everything) {
            var skip = new HashSet<>(own.skip());
            skip.addAll(limits.skip());
            changed.put("skip", skip);
            if (said.hasPath("targets.connections-max")) {
                changed.put(
                        "connectionsMax",
                        Math.min(own.connectionsMax(), limits.target().connectionsMax()));
            }
            var statement = tighter(
                    "statement-timeout", own.statementTimeout(), limits.target().statementTimeout());
            var lock =
                    tighter("lock-timeout", own.lockTimeout(), limits.target().lockTimeout());
            changed.put("statementTimeout", statement);
            changed.put("lockTimeout", shorter(lock, statement));
        }
        return Binder.with(own, changed);
    }

    private Duration tighter(String key, Duration own, Duration served) {
        return said.hasPath("targets." + key) ? shorter(own, served) : own;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** A family that the host has a file of is the host's. */
    private List<MetricFamily> families(
            CollectorConfig own, List<MetricFamily> families, boolean everything, List<String> notes) {
        var all = new ArrayList<>(families);
        var names = families.stream().map(MetricFamily::name).toList();
        var added = declared.stream()
                .filter(family -> !names.contains(family.name()))
                .toList();
        if (everything && own.pull().serverFamilies()) {
            all.addAll(added);
        } else if (!added.isEmpty()) {
            notes.add("left out, as server-families is false: families "
                    + String.join(", ", added.stream().map(MetricFamily::name).toList()));
        }
        return all;
    }
}
