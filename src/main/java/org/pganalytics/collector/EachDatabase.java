package org.pganalytics.collector;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Reads families in each database by itself: one that lacks what a family asks for is left alone for a time, and the
 * others are read on. Lives on one event loop.
 */
final class EachDatabase {
    private static final int NAMES_MAX = 10;

    private record Lack(Throwable failure, long untilNanos) {}

    private final LongSupplier nanoClock;
    private final Map<String, SortedMap<String, Lack>> lacksByFamily = new HashMap<>();

    EachDatabase(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** What was missing may be there: all are tried when their turn comes. */
    void forget() {
        lacksByFamily.values().forEach(Map::clear);
    }

    /**
     * Reads one after the other, each whatever became of the one before. Fails when it can be read in none, and with the
     * last failure that may pass.
     *
     * @return {@link Condition#OK}, or what some lack while others were read
     */
    Future<Condition> read(String family, List<String> databases, Function<String, Future<Void>> read) {
        var lacks = lacksByFamily.computeIfAbsent(family, first -> new TreeMap<>());
        lacks.keySet().retainAll(databases);
        if (lacks.keySet().containsAll(databases)) {
            // Then the whole family has waited.
            lacks.clear();
        }
        // Those that wait come last: when the others are found to be another server's, these are tried, too.
        var order = new ArrayList<>(databases);
        order.sort(Comparator.comparing(lacks::containsKey));
        Future<Void> all = Future.succeededFuture();
        for (var name : order) {
            all = all.transform(before -> readUnlessWaiting(name, lacks, read)
                    .transform(after -> after.failed() || before.succeeded()
                            ? Future.future(promise -> promise.handle(after))
                            : Future.failedFuture(before.cause())));
        }
        return all.compose(done -> outcome(databases, lacks));
    }

    private Future<Void> readUnlessWaiting(
            String name, SortedMap<String, Lack> lacks, Function<String, Future<Void>> read) {
        var lack = lacks.get(name);
        if (lack != null && nanoClock.getAsLong() - lack.untilNanos() < 0) {
            return Future.succeededFuture();
        }
        return read.apply(name).transform(done -> note(name, lacks, done));
    }

    private Future<Void> note(String name, SortedMap<String, Lack> lacks, AsyncResult<Void> done) {
        if (done.succeeded()) {
            lacks.remove(name);
            return Future.succeededFuture();
        }
        if (!Condition.of(done.cause()).lasts()) {
            return Future.failedFuture(done.cause());
        }
        lacks.put(name, new Lack(done.cause(), nanoClock.getAsLong() + FamilyJob.LASTING_RETRY.toNanos()));
        return Future.succeededFuture();
    }

    private static Future<Condition> outcome(List<String> databases, SortedMap<String, Lack> lacks) {
        if (lacks.isEmpty()) {
            return Future.succeededFuture(Condition.OK);
        }
        return lacks.keySet().containsAll(databases)
                ? Future.failedFuture(lacks.get(lacks.lastKey()).failure())
                : Future.succeededFuture(notInSome(lacks));
    }

    /** Names them, and says why of the first. */
    private static Condition notInSome(SortedMap<String, Lack> lacks) {
        var first = lacks.firstKey();
        var why = Condition.of(lacks.get(first).failure());
        int unnamed = lacks.size() - NAMES_MAX;
        var names = lacks.keySet().stream().limit(NAMES_MAX).collect(Collectors.joining(", "))
                + (unnamed > 0 ? " and %d more".formatted(unnamed) : "");
        var where = lacks.size() == 1 ? "database " + first : "databases %s; in %s".formatted(names, first);
        return new Condition(why.state(), why.sqlState(), "it is not read in %s: %s".formatted(where, why.message()));
    }
}
