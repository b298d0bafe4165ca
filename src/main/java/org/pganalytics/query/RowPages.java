package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.model.Column;

/** Answers with rows as they were stored. */
final class RowPages {
    private final Reader reader;
    private final Asked asked;
    private final QueryConfig config;

    RowPages(Reader reader, Asked asked, QueryConfig config) {
        this.reader = reader;
        this.asked = asked;
        this.config = config;
    }

    Future<Answer> read(Call call) {
        return asked.family(call)
                .compose(family -> family.dictionary() ? dictionary(call, family) : samples(call, family));
    }

    private Future<Answer> samples(Call call, Family family) {
        var asking = asked.left(call, UnaryOperator.identity());
        var range = asking.range();
        var columns = Asked.columns(call, family);
        var filters = Asked.filters(call, family, column -> true);
        int limit = call.integer("limit");
        var query = new RowQuery(family, call.integer("target"), range, columns, filters, asking.after(), limit + 1);
        var values = Tuple.tuple();
        return reader.read(query.sql(values), values).map(found -> {
            var page = page(call, family, columns)
                    .put("from", range.from().toString())
                    .put("to", range.to().toString());
            var place = asking.after();
            var rows = new JsonArray();
            int bytes = 0;
            Iterator<Row> left = found.iterator();
            while (left.hasNext() && rows.size() < limit && bytes <= config.textBytesMax()) {
                var row = left.next();
                var json = new JsonObject().put("time", Place.time(row).toString());
                bytes += Values.put(json, columns, row);
                rows.add(json);
                place = Place.after(place, range, row);
            }
            return Answer.ok(
                    page.put("rows", rows).put("next", left.hasNext() ? Cursor.of(call, place.fields()) : null));
        });
    }

    private Future<Answer> dictionary(Call call, Family family) {
        if (call.has("from") || call.has("to")) {
            throw Fault.BAD_REQUEST.because(
                    "%s is a dictionary, its rows have no time: leave out 'from' and 'to'".formatted(family.name()));
        }
        var after = Cursor.read(call, 1, fields -> Long.valueOf(fields.get(0))).orElse(null);
        var columns = Asked.columns(call, family);
        var filters = Asked.filters(call, family, column -> true);
        int limit = call.integer("limit");
        var query = new DictionaryQuery(family, call.integer("target"), columns, filters, after, limit + 1);
        var values = Tuple.tuple();
        return reader.read(query.sql(values), values).map(found -> {
            var rows = new JsonArray();
            long key = 0;
            int bytes = 0;
            Iterator<Row> left = found.iterator();
            while (left.hasNext() && rows.size() < limit && bytes <= config.textBytesMax()) {
                var row = left.next();
                var json = new JsonObject()
                        .put(
                                "last_sent",
                                row.getOffsetDateTime("last_sent").toInstant().toString());
                bytes += Values.put(json, columns, row);
                rows.add(json);
                key = row.getLong("place_key");
            }
            var next = left.hasNext() ? Cursor.of(call, List.of(Long.toString(key))) : null;
            return Answer.ok(page(call, family, columns).put("rows", rows).put("next", next));
        });
    }

    static JsonObject page(Call call, Family family, List<Column> columns) {
        return new JsonObject()
                .put("family", family.name())
                .put("target_id", call.integer("target"))
                .put("columns", Family.json(columns));
    }
}
