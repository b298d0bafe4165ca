package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
    private final Families families;
    private final Settling settling;

    TopSeries(Reader reader, Asked asked, Families families, Settling settling) {
        this.reader = reader;
        this.asked = asked;
        this.families = families;
        this.settling = settling;
    }

    Future<Answer> read(Call call) {
        return asked.family(call).compose(family -> {
            var columns = counters(call, family);
            var filters = Asked.filters(call, family, column -> column.role() == ColumnRole.KEY);
            var range = asked.range(call, TopSeries::toTheMinute);
            int target = call.integer("target");
            return settling.parts(family, target, range, HOUR_SECONDS)
                    .compose(parts -> read(call, new Pieces(family, target, parts, columns, filters)))
                    .map(answer -> Answer.ok(answer.put("from", range.from().toString())
                            .put("to", range.to().toString())));
        });
    }

    private static Range toTheMinute(Range range) {
        return new Range(range.from().truncatedTo(ChronoUnit.MINUTES), range.to());
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

    private Future<JsonObject> read(Call call, Pieces pieces) {
        var family = pieces.family();
        var values = Tuple.tuple();
        var sql = new TopQuery(pieces, call.integer("limit")).sql(values);
        return reader.read(sql, values)
                .compose(found -> families.explaining(family)
                        .compose(dictionary -> texts(pieces.target(), dictionary, found)
                                .map(texts -> new JsonObject()
                                        .put("family", family.name())
                                        .put("target_id", pieces.target())
                                        .put("by", call.text("by"))
                                        .put("columns", columns(pieces))
                                        .put("read_from", Part.json(pieces.parts()))
                                        .put("rows", rows(pieces, dictionary, found, texts)))));
    }

    private static JsonArray columns(Pieces pieces) {
        return Family.json(Stream.concat(pieces.family().keys().stream(), pieces.columns().stream())
                .toList());
    }

    /** What the family's dictionary says of these series, by its key. */
    private Future<Map<Long, JsonObject>> texts(int target, Optional<Family> dictionary, RowSet<Row> found) {
        if (dictionary.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        var key = dictionary.get().dictionaryKey();
        var ids = StreamSupport.stream(found.spliterator(), false)
                .map(row -> row.getLong(key))
                .filter(id -> id != null)
                .distinct()
                .toArray(Long[]::new);
        var others = dictionary.get().columns().stream()
                .filter(column -> !column.name().equals(key))
                .toList();
        var sql = "SELECT \"%s\" AS place_key, %s FROM %s WHERE target_id = $1 AND \"%s\" = ANY ($2)"
                .formatted(key, Sql.list(others), dictionary.get().table(), key);
        return reader.read(sql, Tuple.of(target).addArrayOfLong(ids)).map(rows -> {
            var texts = new HashMap<Long, JsonObject>();
            for (var row : rows) {
                var text = new JsonObject();
                Values.put(text, others, row);
                texts.put(row.getLong("place_key"), text);
            }
            return texts;
        });
    }

    private static JsonArray rows(
            Pieces pieces, Optional<Family> dictionary, RowSet<Row> found, Map<Long, JsonObject> texts) {
        var rows = new ArrayList<JsonObject>();
        for (var row : found) {
            var keys = new JsonObject();
            Values.put(keys, pieces.family().keys(), row);
            var grown = new JsonObject();
            for (int i = 0; i < pieces.columns().size(); i++) {
                grown.put(pieces.columns().get(i).name(), Values.number(row.getDouble("grown" + i)));
            }
            rows.add(new JsonObject()
                    .put("keys", keys)
                    .put("grown", grown)
                    .put("share", Values.number(row.getDouble("share")))
                    .put(
                            "texts",
                            dictionary
                                    .map(known -> texts.get(row.getLong(known.dictionaryKey())))
                                    .orElse(null)));
        }
        return new JsonArray(rows);
    }
}
