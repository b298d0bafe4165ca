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
        return asked.family(call).compose(family -> read(call, family));
    }

    private Future<Answer> read(Call call, Family family) {
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
        int limit = call.integer("limit");
        var query = new BucketQuery(
                family, call.integer("target"), range, bucket, columns, filters, asking.after(), limit + 1);
        var values = Tuple.tuple();
        return reader.read(query.sql(values), values).map(found -> {
            var rows = new JsonArray();
            var place = asking.after();
            Iterator<Row> left = found.iterator();
            while (left.hasNext() && rows.size() < limit) {
                var row = left.next();
                rows.add(json(family, columns, row));
                place = Place.after(place, range, row);
            }
            return Answer.ok(RowPages.page(call, family, shown(family, columns))
                    .put("from", range.from().toString())
                    .put("to", range.to().toString())
                    .put("bucket_seconds", bucket.toSeconds())
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
            values.put(columns.get(i).name(), Gathering.of(columns.get(i)).json(columns.get(i), row, i));
        }
        return new JsonObject()
                .put("time", Place.time(row).toString())
                .put("keys", keys)
                .put("values", values);
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
