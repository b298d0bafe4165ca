package org.pganalytics.wire;

import static org.pganalytics.model.ColumnRole.COUNTER;
import static org.pganalytics.model.ColumnRole.GAUGE;
import static org.pganalytics.model.ColumnRole.KEY;
import static org.pganalytics.model.ColumnType.BOOL;
import static org.pganalytics.model.ColumnType.FLOAT8;
import static org.pganalytics.model.ColumnType.INT8;
import static org.pganalytics.model.ColumnType.TEXT;
import static org.pganalytics.model.ColumnType.TIMESTAMPTZ;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.FamilySchema;

/**
 * Rows as a busy server shows them: few hot statements and tables with large counters, a long tail with small ones, many
 * zeros where a feature is not used, times that are sums of microseconds.
 */
final class RealisticRows {
    private static final long NOW = 1_795_219_200_000_000L;

    private final Random random;

    RealisticRows(Random random) {
        this.random = random;
    }

    /** 25 columns of pg_stat_statements. */
    ColumnBlock statements(int rows) {
        var calls = counters(rows, 3_000_000);
        var meanMicros = counters(rows, 40_000);
        var rowsEach = counters(rows, 30);
        var blocksEach = counters(rows, 60);
        var columns = new LinkedHashMap<Column, ColumnVector>();
        longs(columns, "userid", KEY, rows, row -> row % 9 == 0 ? 10 : 16_384 + row % 3);
        longs(columns, "dbid", KEY, rows, row -> 16_385 + row / 150);
        bool(columns, "toplevel", rows, row -> row % 40 != 0);
        longs(columns, "queryid", KEY, rows, row -> random.nextLong());
        longs(columns, "calls", COUNTER, rows, row -> calls[row]);
        floats(columns, "total_exec_time", rows, row -> time(calls[row], meanMicros[row]));
        longs(columns, "rows", COUNTER, rows, row -> calls[row] * (rowsEach[row] / 10));
        longs(columns, "shared_blks_hit", COUNTER, rows, row -> calls[row] * blocksEach[row] + random.nextInt(500));
        longs(columns, "shared_blks_read", COUNTER, rows, row -> random.nextInt(3) > 0 ? 0 : calls[row] / 90);
        longs(columns, "shared_blks_dirtied", COUNTER, rows, row -> every(4, row, calls[row] / 3));
        longs(columns, "shared_blks_written", COUNTER, rows, row -> every(17, row, random.nextInt(900)));
        for (var unused : List.of("local_blks_hit", "local_blks_read", "local_blks_dirtied", "local_blks_written")) {
            longs(columns, unused, COUNTER, rows, row -> 0);
        }
        longs(columns, "temp_blks_read", COUNTER, rows, row -> every(50, row, random.nextInt(90_000)));
        longs(columns, "temp_blks_written", COUNTER, rows, row -> every(50, row, random.nextInt(90_000)));
        floats(columns, "shared_blk_read_time", rows, row -> random.nextInt(3) > 0 ? 0 : time(calls[row] / 90, 120));
        floats(columns, "shared_blk_write_time", rows, row -> 0);
        longs(columns, "wal_records", COUNTER, rows, row -> every(4, row, calls[row] * 3 / 2));
        longs(columns, "wal_fpi", COUNTER, rows, row -> every(4, row, calls[row] / 40));
        longs(columns, "wal_bytes", COUNTER, rows, row -> every(4, row, calls[row] * 3 / 2 * 97));
        longs(columns, "plans", COUNTER, rows, row -> 0);
        floats(columns, "total_plan_time", rows, row -> 0);
        longs(columns, "stats_since", GAUGE, rows, row -> NOW - 1_000_000L * random.nextInt(86_400));
        return block("pg_stat_statements", rows, columns);
    }

    /** 25 columns of pg_stat_user_tables with sizes and I/O. */
    ColumnBlock tables(int rows) {
        var live = counters(rows, 2_000_000);
        var scans = counters(rows, 900_000);
        var writes = counters(rows, 400_000);
        var columns = new LinkedHashMap<Column, ColumnVector>();
        text(columns, "datname", rows, row -> "shop_production");
        text(columns, "schemaname", rows, row -> row < 350 ? "public" : "audit");
        text(columns, "relname", rows, RealisticRows::table);
        longs(columns, "seq_scan", COUNTER, rows, row -> scans[row] / 100);
        longs(columns, "seq_tup_read", COUNTER, rows, row -> scans[row] / 100 * live[row]);
        longs(columns, "idx_scan", COUNTER, rows, row -> scans[row]);
        longs(columns, "idx_tup_fetch", COUNTER, rows, row -> scans[row] * (1 + row % 5));
        longs(columns, "n_tup_ins", COUNTER, rows, row -> writes[row]);
        longs(columns, "n_tup_upd", COUNTER, rows, row -> writes[row] / 2);
        longs(columns, "n_tup_del", COUNTER, rows, row -> every(3, row, writes[row] / 5));
        longs(columns, "n_tup_hot_upd", COUNTER, rows, row -> writes[row] / 3);
        longs(columns, "n_live_tup", GAUGE, rows, row -> live[row]);
        longs(columns, "n_dead_tup", GAUGE, rows, row -> random.nextInt(1 + (int) (live[row] / 10)));
        longs(columns, "n_mod_since_analyze", GAUGE, rows, row -> random.nextInt(1 + (int) (live[row] / 20)));
        for (var when : List.of("last_vacuum", "last_autovacuum", "last_analyze", "last_autoanalyze")) {
            times(columns, when, rows);
        }
        longs(columns, "vacuum_count", COUNTER, rows, row -> row % 50 == 0 ? 1 : 0);
        longs(columns, "autovacuum_count", COUNTER, rows, row -> writes[row] / 50_000);
        longs(columns, "heap_blks_read", COUNTER, rows, row -> live[row] / 20 + random.nextInt(50));
        longs(columns, "heap_blks_hit", COUNTER, rows, row -> scans[row] * 9 + random.nextInt(999));
        longs(columns, "idx_blks_read", COUNTER, rows, row -> live[row] / 90);
        longs(columns, "idx_blks_hit", COUNTER, rows, row -> scans[row] * 3 + random.nextInt(999));
        longs(columns, "table_size", GAUGE, rows, row -> 8192 * (1 + live[row] / 60));
        return block("pg_stat_user_tables", rows, columns);
    }

    private static String table(int row) {
        var words = List.of("order", "customer", "invoice", "payment", "event", "session", "item", "stock");
        return words.get(row % 8) + "_" + words.get(row / 8 % 8) + (row < 64 ? "" : "_p" + (2020 + row / 64));
    }

    private static long every(int nth, int row, long value) {
        return row % nth > 0 ? 0 : value;
    }

    /** Any order of magnitude is as likely as any other, and a third is hardly used: the long tail of a real server. */
    private long[] counters(int rows, int most) {
        var values = new long[rows];
        for (int row = 0; row < rows; row++) {
            values[row] = random.nextInt(3) == 0 ? random.nextInt(4) : (long) Math.pow(most, random.nextDouble());
        }
        return values;
    }

    /** The same rows at the next collection: one in six was used meanwhile, and its counters went on. */
    ColumnBlock later(ColumnBlock block) {
        var active = new boolean[block.rows()];
        for (int row = 0; row < active.length; row++) {
            active[row] = random.nextInt(6) == 0;
        }
        var vectors = new ArrayList<ColumnVector>();
        for (int column = 0; column < block.vectors().size(); column++) {
            boolean counts = block.schema().columns().get(column).role() == COUNTER;
            vectors.add(
                    counts
                            ? later(block.vectors().get(column), active)
                            : block.vectors().get(column));
        }
        return new ColumnBlock(
                block.schema(), block.target(), block.collectedAtMicros() + 10_000_000, block.rows(), vectors);
    }

    private ColumnVector later(ColumnVector vector, boolean[] active) {
        if (vector instanceof ColumnVector.Doubles doubles) {
            var values = doubles.values().clone();
            for (int row = 0; row < values.length; row++) {
                values[row] += active[row] && values[row] > 0 ? time(1 + random.nextInt(30), 900) : 0;
            }
            return new ColumnVector.Doubles(values, doubles.nulls());
        }
        var longs = (ColumnVector.Longs) vector;
        var values = longs.values().clone();
        for (int row = 0; row < values.length; row++) {
            values[row] += active[row] && values[row] > 0 ? 1 + random.nextInt(300) : 0;
        }
        return new ColumnVector.Longs(values, longs.nulls());
    }

    /** Milliseconds, a sum of measurements of whole microseconds, with the noise that adding floats brings. */
    private double time(long calls, long meanMicros) {
        double sum = 0;
        for (int part = 0; part < Math.min(calls, 20); part++) {
            sum += (meanMicros + random.nextInt(1 + (int) meanMicros)) * (calls / Math.min(calls, 20)) / 1000.0;
        }
        return sum;
    }

    private void times(Map<Column, ColumnVector> columns, String name, int rows) {
        var nulls = new BitSet();
        var values = new long[rows];
        for (int row = 0; row < rows; row++) {
            boolean known = name.contains("auto") ? random.nextInt(3) > 0 : random.nextInt(20) == 0;
            nulls.set(row, !known);
            values[row] = known ? NOW - random.nextInt(7 * 86_400) * 1_000_000L - random.nextInt(1_000_000) : 0;
        }
        columns.put(new Column(name, TIMESTAMPTZ, GAUGE), new ColumnVector.Longs(values, nulls));
    }

    private static void longs(
            Map<Column, ColumnVector> columns, String name, ColumnRole role, int rows, IntToLongFunction value) {
        put(columns, new Column(name, name.equals("stats_since") ? TIMESTAMPTZ : INT8, role), rows, value);
    }

    private static void bool(Map<Column, ColumnVector> columns, String name, int rows, IntFunction<Boolean> value) {
        put(columns, new Column(name, BOOL, KEY), rows, row -> value.apply(row) ? 1 : 0);
    }

    private static void put(Map<Column, ColumnVector> columns, Column column, int rows, IntToLongFunction value) {
        var values = new long[rows];
        for (int row = 0; row < rows; row++) {
            values[row] = value.applyAsLong(row);
        }
        columns.put(column, new ColumnVector.Longs(values, new BitSet()));
    }

    private static void floats(Map<Column, ColumnVector> columns, String name, int rows, IntToDoubleFunction value) {
        var values = new double[rows];
        for (int row = 0; row < rows; row++) {
            values[row] = value.applyAsDouble(row);
        }
        columns.put(new Column(name, FLOAT8, COUNTER), new ColumnVector.Doubles(values, new BitSet()));
    }

    private static void text(Map<Column, ColumnVector> columns, String name, int rows, IntFunction<String> value) {
        var texts = new ArrayList<String>();
        var indexes = new int[rows];
        for (int row = 0; row < rows; row++) {
            var text = value.apply(row);
            if (!texts.contains(text)) {
                texts.add(text);
            }
            indexes[row] = texts.indexOf(text);
        }
        var bytes = texts.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        columns.put(new Column(name, TEXT, ColumnRole.KEY), new ColumnVector.Texts(bytes, indexes));
    }

    private static ColumnBlock block(String family, int rows, Map<Column, ColumnVector> columns) {
        var schema = FamilySchema.of(family, List.copyOf(columns.keySet()));
        return new ColumnBlock(schema, "shop-db-1", NOW, rows, List.copyOf(columns.values()));
    }
}
