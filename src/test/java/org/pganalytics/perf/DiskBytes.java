package org.pganalytics.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;

/**
 * What a value takes on disk, by tier: yesterday, of one target, as {@code load} makes its rows, a round of all families
 * each minute, through the server into its tables. A value is a field that is neither a key nor null; what is on disk for
 * the keys, for time and target, and for the indexes counts all the same.
 */
final class DiskBytes {
    private static final BatchEncoder ENCODER = new BatchEncoder(3);
    private static final int UNANSWERED = 8;
    private static final String PARTITIONS = """
            SELECT coalesce(sum(%s(i.inhrelid)), 0) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
            WHERE c.relnamespace = 'metrics'::regnamespace AND c.relkind = 'p'
            """;
    private static final String HYPERTABLES = """
            SELECT coalesce(sum(%s), 0) FROM timescaledb_information.hypertables,
                hypertable_detailed_size(format('metrics.%%I', hypertable_name)::regclass)
            WHERE hypertable_schema = 'metrics'
            """;
    private static final String HAS_COLUMNSTORE =
            "SELECT count(*) FROM timescaledb_information.hypertables WHERE compression_enabled";
    private static final String TO_COLUMNS = """
            SELECT count(compress_chunk(format('%I.%I', chunk_schema, chunk_name)::regclass, true))
            FROM timescaledb_information.chunks WHERE hypertable_schema = 'metrics' AND NOT is_compressed
            """;

    private final Workplace workplace;
    private final Cores cores;
    private final GeneratedBlocks generated;
    private final List<MetricFamily> families;
    private final List<Bars.Bar> bars = new ArrayList<>();
    private final List<Measurement> found = new ArrayList<>();

    DiskBytes(Workplace workplace, Cores cores, List<MetricFamily> families) {
        this.workplace = workplace;
        this.cores = cores;
        this.generated = new GeneratedBlocks(families);
        this.families = families;
    }

    /** @param timescaleUrl of a superuser of a database with TimescaleDB; may be empty */
    List<Measurement> measure(boolean isShort, String timescaleUrl) throws IOException, InterruptedException {
        var every = isShort ? Duration.ofMinutes(15) : Duration.ofMinutes(1);
        try (var server = ServerProcess.start(workplace, "disk", cores, Map.of())) {
            long values = send(server, every);
            var psql = server.psql();
            add("embedded", psql.number(PARTITIONS.formatted("pg_table_size")), values);
            add("embedded_indexes", psql.number(PARTITIONS.formatted("pg_indexes_size")), values);
            bar("embedded, plain", psql.number(PARTITIONS.formatted("pg_total_relation_size")), values);
            found.add(Measurement.aside("disk_values", "", values));
        }
        if (!timescaleUrl.isEmpty()) {
            onTimescale(timescaleUrl, every);
        }
        return found;
    }

    Picture picture() {
        return new Bars("Bytes a value by tier", "bytes a value, indexes included", bars);
    }

    private void onTimescale(String superuserUrl, Duration every) throws IOException, InterruptedException {
        try (var own = OwnDatabase.create(superuserUrl, "perf_disk");
                var server = ServerProcess.start(
                        workplace,
                        "disk-timescale",
                        cores,
                        Map.of(ServerProcess.DATABASE_URL, own.psql().url()))) {
            var psql = own.psql();
            long values = send(server, every);
            sizes(psql, "timescale", values);
            if (psql.number(HAS_COLUMNSTORE) > 0) {
                psql.query(TO_COLUMNS);
                long bytes = sizes(psql, "timescale_columnstore", values);
                found.add(Measurement.of(Goal.DISK_BYTES_A_VALUE, (double) bytes / values));
            }
        }
    }

    private long sizes(Psql psql, String tier, long values) throws IOException, InterruptedException {
        add(tier, psql.number(HYPERTABLES.formatted("table_bytes + toast_bytes")), values);
        add(tier + "_indexes", psql.number(HYPERTABLES.formatted("index_bytes")), values);
        long total = psql.number(HYPERTABLES.formatted("total_bytes"));
        bar(tier.replace('_', ' '), total, values);
        return total;
    }

    private void add(String what, long bytes, long values) {
        found.add(Measurement.aside("disk_bytes_a_value_" + what, "bytes", (double) bytes / values));
    }

    private void bar(String tier, long bytes, long values) {
        bars.add(new Bars.Bar(tier, (double) bytes / values));
    }

    /** A day's rounds, one batch each. @return how many values they have */
    private long send(ServerProcess server, Duration every) throws IOException {
        var day = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(1, ChronoUnit.DAYS);
        long rounds = Duration.ofDays(1).dividedBy(every);
        long values = 0;
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.port("tcp"));
        try (var session = NativeSession.registered(socket, "disk")) {
            for (var family : families) {
                session.declare(family.schema());
            }
            for (int round = 0; round < rounds; round++) {
                var at = day.plus(every.multipliedBy(round));
                var blocks = generated.ofTick(0, round, at.toEpochMilli() * 1_000);
                values += blocks.stream().mapToLong(DiskBytes::values).sum();
                while (session.mayNotSend(UNANSWERED)) {
                    session.awaitAnswer();
                }
                session.send(ENCODER.encode(blocks));
            }
            while (session.unanswered() > 0) {
                session.awaitAnswer();
            }
        }
        return values;
    }

    private static long values(ColumnBlock block) {
        long values = 0;
        for (int at = 0; at < block.vectors().size(); at++) {
            var vector = block.vectors().get(at);
            if (block.schema().columns().get(at).role() != ColumnRole.KEY) {
                for (int row = 0; row < block.rows(); row++) {
                    values += vector.isNull(row) ? 0 : 1;
                }
            }
        }
        return values;
    }
}
