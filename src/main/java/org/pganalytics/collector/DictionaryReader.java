package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;

/** Fetches what a dictionary says of keys that a block has and the server was not told yet. */
final class DictionaryReader {
    /** Each query makes the target look at all its statements and their texts, so it asks for many. */
    private static final int KEYS_A_QUERY = 10_000;

    private static final int KEYS_MAX = 100_000;

    private final TargetConfig config;
    private final List<MetricFamily> dictionaries;
    private final Map<String, StatementTexts> told = new HashMap<>();
    private final Clock clock;

    DictionaryReader(TargetConfig config, List<MetricFamily> families, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.dictionaries = families.stream()
                .filter(family ->
                        family.kind() == Kind.DICTIONARY && !config.skip().contains(family.name()))
                .toList();
        dictionaries.forEach(family -> told.put(family.name(), new StatementTexts(KEYS_MAX)));
    }

    void forget() {
        told.values().forEach(StatementTexts::forget);
    }

    /** @param keep takes a block of texts; its answer says whether they are on disk */
    Future<Void> read(TargetSession session, ColumnBlock block, Function<ColumnBlock, Future<Boolean>> keep) {
        Future<Void> all = Future.succeededFuture();
        for (var family : dictionaries) {
            if (family.dictionaryOf().equals(block.schema().family())) {
                all = all.compose(before -> read(session, family, block, keep));
            }
        }
        return all;
    }

    private Future<Void> read(
            TargetSession session,
            MetricFamily family,
            ColumnBlock block,
            Function<ColumnBlock, Future<Boolean>> keep) {
        var texts = told.get(family.name());
        var again = config.intervals().getOrDefault(family.name(), family.interval());
        var unseen = texts.unseen(keys(block, family.dictionaryKey()), again, clock.millis());
        Future<Void> all = Future.succeededFuture();
        for (int from = 0; from < unseen.length; from += KEYS_A_QUERY) {
            var some = Arrays.copyOfRange(unseen, from, Math.min(unseen.length, from + KEYS_A_QUERY));
            all = all.compose(before -> fetch(session, family, some, keep));
        }
        return all;
    }

    private Future<Void> fetch(
            TargetSession session, MetricFamily family, long[] keys, Function<ColumnBlock, Future<Boolean>> keep) {
        var statement = family.statementFor(session.major());
        if (statement.isEmpty() || !session.has(statement.get().extension())) {
            return Future.succeededFuture();
        }
        var texts = told.get(family.name());
        long turn = texts.turn();
        long now = clock.millis();
        var asked = Tuple.tuple().addArrayOfLong(LongStream.of(keys).boxed().toArray(Long[]::new));
        return session.read(
                statement.get().sql(),
                asked,
                rows -> FamilyRows.block(family.schema(), config.name(), now * 1000, rows)
                        .ifPresent(block -> keep.apply(block).onSuccess(kept -> {
                            if (kept) {
                                texts.told(turn, keys(block, family.dictionaryKey()), now);
                            }
                        })));
    }

    private static long[] keys(ColumnBlock block, String column) {
        var vector = (ColumnVector.Longs) block.vectors().get(place(block.schema(), column));
        return IntStream.range(0, vector.rows())
                .filter(row -> !vector.isNull(row))
                .mapToLong(row -> vector.values()[row])
                .toArray();
    }

    private static int place(FamilySchema schema, String column) {
        for (int at = 0; at < schema.columns().size(); at++) {
            if (schema.columns().get(at).name().equals(column)) {
                return at;
            }
        }
        throw new IllegalArgumentException("family %s has no column %s".formatted(schema.family(), column));
    }
}
