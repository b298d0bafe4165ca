package org.pganalytics.storage.rollup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.pganalytics.model.RollUp.Level;

/**
 * How much is rolled up at once, and for how long before others may work: batches of rows come first, and a transaction's
 * rows are to fit into memory. Its fields are touched on the leader's context only.
 */
final class RollUpPace {
    /** A portion is to take about as long: twice that halves the next one, a fifth of it doubles it. */
    private static final long PORTION_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Duration RUN_MAX = Duration.ofSeconds(60);
    /** Of a family's first portion, of which nobody knows how long it takes. */
    private static final int TARGETS_FIRST = 4;
    /** A target that fails is left alone for so long, twice as long each time. */
    private static final long REST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long REST_NANOS_MAX = TimeUnit.HOURS.toNanos(1);

    /** Sorts before all that a longer name may go on with. */
    private static final String BEHIND = " ";

    private final LongSupplier nanoClock;
    private final long runNanos;
    private final Set<String> hoursFirst = new HashSet<>();
    private final Map<String, Integer> targets = new HashMap<>();
    private final Map<String, Map<Integer, Rest>> failing = new HashMap<>();
    private boolean minutesFirst;
    private String next = "";
    private long runBegan;

    /** @param workMax longest that a run may take before it costs the lead: no portion begins after half of it */
    RollUpPace(LongSupplier nanoClock, Duration workMax) {
        this.nanoClock = nanoClock;
        this.runNanos = Math.min(RUN_MAX.toNanos(), workMax.toNanos() / 2);
    }

    /** How long a target is left alone that could not be rolled up. */
    private record Rest(long untilNanos, long nanos) {}

    /** Begins a run. The families in their order, from where the run before came to its end. */
    List<RolledFamily> order(List<RolledFamily> families) {
        runBegan = nanoClock.getAsLong();
        targets.keySet().removeIf(key -> isGone(key, families));
        failing.keySet().removeIf(key -> isGone(key, families));
        var later = new ArrayList<>(families.stream()
                .filter(family -> family.name().compareTo(next) >= 0)
                .toList());
        later.addAll(families.stream()
                .filter(family -> family.name().compareTo(next) < 0)
                .toList());
        next = "";
        return later;
    }

    private static boolean isGone(String key, List<RolledFamily> families) {
        return families.stream().noneMatch(family -> key.startsWith(family.name() + " "));
    }

    /** Whether the run has taken long enough; the next one goes on with this family, which has had nothing of this one. */
    boolean isOver(RolledFamily family) {
        return isOver(family.name());
    }

    /**
     * The same in the midst of a family's turn: the next run goes on with the one behind it, or this one could have all
     * runs. Hours that were to come after its minutes are the first of its next turn.
     */
    boolean isOver(RolledFamily family, Level level) {
        boolean over = isOver(family.name() + BEHIND);
        if (over && level != Level.HOUR && minutesFirst) {
            hoursFirst.add(family.name());
        }
        return over;
    }

    private boolean isOver(String goOnWith) {
        boolean over = nanoClock.getAsLong() - runBegan > runNanos;
        if (over && next.isEmpty()) {
            next = goOnWith;
        }
        return over;
    }

    /** In which order they are rolled up in a turn that begins now. */
    List<Level> levels(RolledFamily family) {
        minutesFirst = !hoursFirst.remove(family.name());
        var levels = new ArrayList<>(List.of(Level.MINUTE, Level.HOUR));
        if (family.tens()) {
            levels.add(1, Level.TEN);
        }
        if (!minutesFirst) {
            Collections.reverse(levels);
        }
        return List.copyOf(levels);
    }

    /** How many targets of the family the next portion may have. */
    int targets(RolledFamily family, Level level, int most) {
        return Math.min(most, targets.getOrDefault(key(family, level), TARGETS_FIRST));
    }

    /** Those that failed lately. */
    Set<Integer> resting(RolledFamily family, Level level) {
        long now = nanoClock.getAsLong();
        return failing.getOrDefault(key(family, level), Map.of()).entrySet().stream()
                .filter(one -> one.getValue().untilNanos() - now > 0)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A portion failed: the next one is smaller; one target alone is left alone for a while. */
    void failed(RolledFamily family, Level level, Set<Integer> portion) {
        targets.put(key(family, level), Math.max(1, portion.size() / 2));
        if (portion.size() == 1) {
            long now = nanoClock.getAsLong();
            failing.computeIfAbsent(key(family, level), first -> new HashMap<>())
                    .merge(portion.iterator().next(), new Rest(now + REST_NANOS, REST_NANOS), (before, same) -> {
                        long nanos = Math.min(REST_NANOS_MAX, 2 * before.nanos());
                        return new Rest(now + nanos, nanos);
                    });
        }
    }

    /** These succeeded. */
    void succeeded(RolledFamily family, Level level, Set<Integer> portion) {
        failing.getOrDefault(key(family, level), new HashMap<>()).keySet().removeAll(portion);
    }

    long now() {
        return nanoClock.getAsLong();
    }

    /** Learns from a portion. @return for how long others are to have the database to themselves */
    Duration took(RolledFamily family, Level level, int portion, long beganNanos, double share) {
        long took = nanoClock.getAsLong() - beganNanos;
        if (took > 2 * PORTION_NANOS) {
            targets.put(key(family, level), Math.max(1, portion / 2));
        } else if (took < PORTION_NANOS / 5) {
            targets.merge(key(family, level), 2 * portion, Math::max);
        }
        return Duration.ofNanos((long) Math.min(runNanos, took * (1 / share - 1)));
    }

    private static String key(RolledFamily family, Level level) {
        return family.name() + " " + level.word();
    }
}
