package org.pganalytics.query;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Cursor;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.Gathering;

/** Answers with rows gathered in buckets of time. */
final class BucketPages {
    private static final Map<Character, Long> SECONDS = Map.of('s', 1L, 'm', 60L, 'h', 3_600L, 'd', 86_400L);
    private static final Duration BUCKET_MAX = Duration.ofDays(31);

    private final Reader reader;
    private final Asked asked;
    private final QueryConfig config;

    BucketPages(Reader reader, Asked asked, QueryConfig config) {
        this.reader = reader;
        this.asked = asked;
        this.config = config;
    }

    Future<Answer> read(Call call) {
        return asked.explained(call).compose(explained -> read(call, explained.family(), explained.settling()));
    }

    private Future<Answer> read(Call call, Family family, Settling settling) {
        if (family.dictionary()) {
            throw Fault.BAD_REQUEST.because("%s is a dictionary, its rows have no time and no buckets: ask for its rows"
                    .formatted(family.name()));
        }
        var bucket = bucket(call.text("bucket"));
        var asking = asked.left(call, range -> range.inBuckets(bucket, config.bucketsMax()));
        var range = asking.range();
        var columns = Asked.columns(call, family).stream()
                .filter(column -> column.role() != ColumnRole.KEY)
                .toList();
        var filters = Asked.filters(call, family, column -> column.role() == ColumnRole.KEY);
        var parts = settling.parts(family, range, bucket.toSeconds());
        return read(call, new Pieces(family, call.integer("target"), parts, columns, filters), bucket, asking);
    }

    private Future<Answer> read(Call call, Pieces pieces, Duration bucket, Asked.Left asking) {
        int limit = call.integer("limit");
        var range = asking.range();
        var values = Tuple.tuple();
        var query = new BucketQuery(pieces, bucket, asking.after(), limit + 1);
        return reader.read(query.sql(values), values).map(found -> {
            var rows = new JsonArray();
            var place = asking.after();
            Iterator<Row> left = found.iterator();
            while (left.hasNext() && rows.size() < limit) {
                var row = left.next();
                rows.add(json(pieces.family(), pieces.columns(), row));
                place = Place.after(place, range, row);
            }
            return Answer.ok(RowPages.page(call, pieces.family(), shown(pieces.family(), pieces.columns()))
                    .put("from", range.from().toString())
                    .put("to", range.to().toString())
                    .put("bucket_seconds", bucket.toSeconds())
                    .put("read_from", Part.json(pieces.parts()))
                    .put("rows", rows)
                    .put("next", left.hasNext() ? Cursor.of(call, place.fields()) : null));
        });
    }

    private static List<Column> shown(Family family, List<Column> columns) {
        return Stream.concat(family.keys().stream(), columns.stream()).toList();
    }

    private static JsonObject json(Family family, List<Column> columns, Row row) {
        var keys = new JsonObject();
        Values.put(keys, family.keys(), row);
        var values = new JsonObject();
        for (int i = 0; i < columns.size(); i++) {
            values.put(columns.get(i).name(), json(columns.get(i), row, i));
        }
        return new JsonObject()
                .put("time", Place.time(row).toString())
                .put("keys", keys)
                .put("values", values);
    }

    private static JsonObject json(Column column, Row row, int i) {
        return switch (Gathering.of(column)) {
            case RATE -> new JsonObject().put("rate", Values.number(row.getDouble(":rate" + i)));
            case SPREAD ->
                new JsonObject()
                        .put("avg", Values.number(row.getDouble(":avg" + i)))
                        .put("min", Values.number(row.getDouble(":min" + i)))
                        .put("max", Values.number(row.getDouble(":max" + i)));
            case LAST -> new JsonObject().put("last", Values.value(column.type(), row, ":last" + i));
        };
    }

    /** By its form in the contract at least 1 s. */
    private static Duration bucket(String text) {
        int unit = text.length() - 1;
        var bucket = Duration.ofSeconds(Long.parseLong(text.substring(0, unit)) * SECONDS.get(text.charAt(unit)));
        if (bucket.compareTo(BUCKET_MAX) > 0) {
            throw Fault.BAD_REQUEST.because("query parameter 'bucket' = '%s' must be from 1s to 31d".formatted(text));
        }
        return bucket;
    }
}
