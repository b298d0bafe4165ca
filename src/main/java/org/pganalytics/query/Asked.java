package org.pganalytics.query;

import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.model.Column;

/** Reads what a call asks of a family, and holds it to the family's columns and the limits of one query. */
final class Asked {
    private final Families families;
    private final QueryConfig config;
    private final Clock clock;

    Asked(Families families, QueryConfig config, Clock clock) {
        this.families = families;
        this.config = config;
        this.clock = clock;
    }

    /** The call's family. Fails with NOT_FOUND when there is none, or no such target. */
    Future<Family> family(Call call) {
        return explained(call).map(Families.Explained::family);
    }

    /** The same with its dictionary. */
    Future<Families.Explained> explained(Call call) {
        return families.find(call.text("family"), call.integer("target"));
    }

    /** What is left to read. @param after where the page before ended, or null */
    record Left(Range range, Place after) {}

    /**
     * What the call has left to read: of its range, or what its cursor says; pages after the first keep what the first
     * took for now. Fails with BAD_REQUEST.
     *
     * @param shape what becomes of the range before it is read
     */
    Left left(Call call, UnaryOperator<Range> shape) {
        Function<Instant, Range> range = now -> shape.apply(Range.of(call, now, config.rangeMax()));
        return Cursor.read(call, Place.FIELDS, fields -> Place.of(fields, range))
                .map(after -> new Left(after.range(), after))
                .orElseGet(() -> new Left(range.apply(clock.instant()), null));
    }

    /** The whole range of a call that has no pages. Fails with BAD_REQUEST. @param shape what becomes of it */
    Range range(Call call, UnaryOperator<Range> shape) {
        return shape.apply(Range.of(call, clock.instant(), config.rangeMax()));
    }

    /** Those that the call names, in the family's order, or all. Fails with BAD_REQUEST. */
    static List<Column> columns(Call call, Family family) {
        if (!call.has("columns")) {
            return family.columns();
        }
        var named = new LinkedHashSet<>(Arrays.asList(call.text("columns").split(",")));
        var found = family.columns().stream()
                .filter(column -> named.remove(column.name()))
                .toList();
        if (!named.isEmpty()) {
            throw Fault.BAD_REQUEST.because("query parameter 'columns': %s has no column %s; it has: %s"
                    .formatted(
                            family.name(),
                            named.iterator().next(),
                            family.columns().stream().map(Column::name).toList()));
        }
        return found;
    }

    static List<Filter> filters(Call call, Family family, Predicate<Column> allowed) {
        return call.texts("filter").stream()
                .map(text -> Filter.of(text, family, allowed))
                .toList();
    }
}
