package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.stream.Stream;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.Gathering;

/** Answers with the series of a target by which a counter grew most. */
final class TopSeries {
    private static final long HOUR_SECONDS = 3_600;

    private final Reader reader;
    private final Asked asked;

    TopSeries(Reader reader, Asked asked) {
        this.reader = reader;
        this.asked = asked;
    }

    Future<Answer> read(Call call) {
        return asked.explained(call).compose(explained -> {
            var family = explained.family();
            var columns = counters(call, family);
            var filters = Asked.filters(call, family, column -> column.role() == ColumnRole.KEY);
            var range = asked.range(call, Range::fromABoundary);
            int target = call.integer("target");
            var parts = explained.settling().parts(family, range, HOUR_SECONDS);
            var query = new TopQuery(
                    new Pieces(family, target, parts, columns, filters), explained.dictionary(), call.integer("limit"));
            return read(call, query)
                    .map(answer -> Answer.ok(answer.put("from", range.from().toString())
                            .put("to", range.to().toString())));
        });
    }

    /** The one that it goes by, and the others that are wanted with it. */
    private static List<Column> counters(Call call, Family family) {
        var by = counter(family, "by", call.text("by"));
        var others = call.has("columns")
                ? Stream.of(call.text("columns").split(",")).map(name -> counter(family, "columns", name))
                : Stream.<Column>of();
        return Stream.concat(Stream.of(by), others).distinct().toList();
    }

    private static Column counter(Family family, String parameter, String name) {
        return family.column(name)
                .filter(TopSeries::isCounter)
                .orElseThrow(() -> Fault.BAD_REQUEST.because("query parameter '%s': %s has no counter %s; it has: %s"
                        .formatted(
                                parameter,
                                family.name(),
                                name,
                                family.columns().stream()
                                        .filter(TopSeries::isCounter)
                                        .map(Column::name)
                                        .toList())));
    }

    private static boolean isCounter(Column column) {
        return column.role() == ColumnRole.COUNTER && Gathering.of(column) == Gathering.RATE;
    }

    private Future<JsonObject> read(Call call, TopQuery query) {
        var pieces = query.pieces();
        var values = Tuple.tuple();
        return reader.read(query.sql(values), values).map(found -> {
            var rows = new JsonArray();
            found.forEach(row -> rows.add(json(query, row)));
            return new JsonObject()
                    .put("family", pieces.family().name())
                    .put("target_id", pieces.target())
                    .put("by", call.text("by"))
                    .put("columns", columns(pieces))
                    .put("read_from", Part.json(pieces.parts()))
                    .put("rows", rows);
        });
    }

    private static JsonArray columns(Pieces pieces) {
        return Family.json(Stream.concat(pieces.family().keys().stream(), pieces.columns().stream())
                .toList());
    }

    private static JsonObject json(TopQuery query, Row row) {
        var keys = new JsonObject();
        Values.put(keys, query.pieces().family().keys(), row);
        var grown = new JsonObject();
        for (int i = 0; i < query.pieces().columns().size(); i++) {
            grown.put(query.pieces().columns().get(i).name(), Values.number(row.getDouble(":grown" + i)));
        }
        var texts = new JsonObject();
        query.texts().forEach(column -> Values.put(texts, column, row, TopQuery.textName(column)));
        boolean explained = texts.stream().anyMatch(text -> text.getValue() != null);
        return new JsonObject()
                .put("keys", keys)
                .put("grown", grown)
                .put("share", Values.number(row.getDouble(":share")))
                .put("texts", explained ? texts : null);
    }
}
