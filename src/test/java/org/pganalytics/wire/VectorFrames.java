package org.pganalytics.wire;

import static java.util.stream.IntStream.range;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Digest;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;

/** What the vectors of src/test/python/vectors.py mean. */
final class VectorFrames {
    private static final long NOW = 1_795_219_200_000_000L;
    private static final UUID COLLECTOR = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final UUID INSTANCE = UUID.fromString("ffeeddcc-bbaa-9988-7766-554433221100");
    private static final FamilySchema SCHEMA = FamilySchema.of(
            "vector_family",
            List.of(
                    new Column("flag", ColumnType.BOOL, ColumnRole.KEY),
                    new Column("small", ColumnType.INT4, ColumnRole.GAUGE),
                    new Column("big", ColumnType.INT8, ColumnRole.COUNTER),
                    new Column("ratio", ColumnType.FLOAT8, ColumnRole.GAUGE),
                    new Column("name", ColumnType.TEXT, ColumnRole.TEXT),
                    new Column("since", ColumnType.TIMESTAMPTZ, ColumnRole.GAUGE)));
    private static final FamilySchema MEANS = FamilySchema.of(
            "vector_means",
            List.of(
                    new Column("calls", ColumnType.INT8, ColumnRole.COUNTER),
                    new Column("total", ColumnType.FLOAT8, ColumnRole.COUNTER),
                    new Column("mean", ColumnType.FLOAT8, ColumnRole.GAUGE),
                    new Column("at", ColumnType.TIMESTAMPTZ, ColumnRole.GAUGE)));

    private VectorFrames() {}

    static Frame named(String name) {
        var features = new LinkedHashSet<>(List.of("one", "two"));
        var labels = new LinkedHashSet<>(List.of("env=prod", "owner=O'Brien \"DBA\""));
        return Map.ofEntries(
                        Map.entry("register", new Frame.Register("a secret of enough", "höst-1", "4.0.0")),
                        Map.entry("registered", new Frame.Registered(COLLECTOR, "tok.en.1", "refresh", 3_600_000)),
                        Map.entry("hello", new Frame.Hello("tok.en.1", "agent/4.0.0", INSTANCE, features, NOW)),
                        Map.entry("token", new Frame.Token(COLLECTOR, "refresh")),
                        Map.entry(
                                "certify",
                                new Frame.Certify(
                                        "tok.en.1", "refresh", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n")),
                        Map.entry(
                                "certified",
                                new Frame.Certified("-----BEGIN CERTIFICATE-----\nMIIC\n", 2_592_000_000L)),
                        Map.entry("token granted", new Frame.TokenGranted("tok.en.2", "refresh 2", 60_000)),
                        Map.entry(
                                "welcome", new Frame.Welcome(INSTANCE, 3, 1L << 40, 32, 1 << 23, 1 << 26, 30_000, NOW)),
                        Map.entry("schema", new Frame.Schema(SCHEMA)),
                        Map.entry("batch", batch(new BatchPosition(1, 5, 5), "one", List.of())),
                        Map.entry("loss only", lossOnly()),
                        Map.entry("ack", new Frame.Ack(1, 5, 32)),
                        Map.entry("nack gap", new Frame.Nack(1, 7, Fault.POSITION_GAP, 250, 5, "expected 5")),
                        Map.entry("nack settled", new Frame.Nack(1, 5, Fault.UNDECODABLE, 0, 6, "")),
                        Map.entry("throttle", new Frame.Throttle(0, 1_500)),
                        Map.entry("ping", new Frame.Ping(-1)),
                        Map.entry("pong", new Frame.Pong(1L << 62)),
                        Map.entry("go away", new Frame.GoAway(Fault.DRAINING, 5_000, "rolling restart")),
                        Map.entry("config request", new Frame.ConfigRequest("base@3-0a1b2c3d", "", "", labels)),
                        Map.entry(
                                "config refused",
                                new Frame.ConfigRequest("", "base@4-ffffffff", "batch.rows-max = 0", Set.of())),
                        Map.entry("config", new Frame.Config("base@4-ffffffff", Optional.of("{\"skip\":[\"é\"]}"))),
                        Map.entry("config unchanged", new Frame.Config("base@3-0a1b2c3d", Optional.empty())),
                        Map.entry("config changed", new Frame.ConfigChanged(2_500)))
                .get(name);
    }

    static List<ColumnBlock> blocks(String name) {
        return switch (name) {
            case "empty" -> List.of();
            case "one" -> List.of(one());
            case "sixteen" -> List.of(sixteen());
            case "three" -> List.of(three());
            case "modelled" -> List.of(modelled(), means());
            default -> List.of(sixteen(), three(), following());
        };
    }

    private static Frame lossOnly() {
        var losses = List.of(
                new Loss("pg_locks", Loss.Reason.SPOOL_FULL, 12, NOW - 2, NOW - 1),
                new Loss("", Loss.Reason.NO_LONGER_KEPT, 0, 0, 0));
        return batch(new BatchPosition(Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 3), "empty", losses);
    }

    private static Frame batch(BatchPosition position, String name, List<Loss> losses) {
        var body = new BatchEncoder(3).body(blocks(name));
        var stored = Buffer.buffer()
                .appendIntLE(0xFD2FB528)
                .appendByte((byte) 0xA0)
                .appendIntLE(body.length)
                .appendMediumLE(body.length << 3 | 1)
                .appendBytes(body);
        return new Frame.BatchFrame(new BatchHeader(position, Digest.of(body), body.length, losses), stored);
    }

    private static ColumnBlock one() {
        return block("t", -1, onlyNull(), longs(0), longs(-1), doubles(0.5), texts("one"), onlyNull());
    }

    private static ColumnBlock sixteen() {
        return block(
                "db-1",
                NOW,
                longs(range(0, 16).mapToLong(row -> row % 2).toArray()),
                longs(range(0, 16)
                        .mapToLong(row -> 1_000_000 + 1_000 * row + row % 3)
                        .toArray()),
                longs(sevens()),
                doubles(range(0, 16).mapToDouble(row -> row / 2.0).toArray()),
                texts(range(0, 16)
                        .mapToObj(row -> List.of("a", "b", "é").get(row % 3))
                        .toArray(String[]::new)),
                longs(range(0, 16).mapToLong(row -> NOW).toArray()));
    }

    private static ColumnBlock following() {
        var before = sixteen();
        var small = ((ColumnVector.Longs) before.vectors().get(1)).values().clone();
        Arrays.setAll(small, row -> row == 0 || row == 9 ? 0 : small[row] + 5);
        var nulls = new BitSet();
        nulls.set(0);
        nulls.set(9);
        var ratio = ((ColumnVector.Doubles) before.vectors().get(3)).values().clone();
        ratio[0] = 9.25;
        var allNull = new BitSet();
        allNull.set(0, 16);
        return block(
                "db-1",
                NOW + 10_000_000,
                before.vectors().get(0),
                new ColumnVector.Longs(small, nulls),
                longs(Arrays.stream(sevens()).map(seven -> seven + 1).toArray()),
                doubles(ratio),
                texts(range(0, 16).mapToObj(row -> row < 9 ? "x" : "y").toArray(String[]::new)),
                new ColumnVector.Longs(new long[16], allNull));
    }

    private static ColumnBlock modelled() {
        var before = sixteen();
        var ratio = range(0, 16).mapToDouble(row -> row / 2.0).toArray();
        ratio[7] = Math.nextUp(Math.nextUp(Math.nextUp(ratio[7])));
        var sevens = sevens();
        return block(
                "db-1",
                NOW,
                before.vectors().get(0),
                longs(range(0, 16).mapToLong(row -> row * row - 20).toArray()),
                longs(sevens),
                doubles(ratio),
                texts(range(0, 16).mapToObj(row -> "x").toArray(String[]::new)),
                longs(range(0, 16).mapToLong(row -> sevens[row] + 9 + row % 3).toArray()));
    }

    private static ColumnBlock means() {
        var calls = range(0, 16).mapToLong(row -> 3 * (row % 5)).toArray();
        var total = range(0, 16).mapToDouble(row -> 7 * row * row / 1e3).toArray();
        var mean = range(0, 16)
                .mapToDouble(row -> calls[row] == 0 ? 0.5 : Math.floor(total[row] / calls[row] * 1e3 + 0.5) / 1e3)
                .toArray();
        mean[7] = (Math.floor(total[7] / calls[7] * 1e3 + 0.5) + 1) / 1e3;
        var at = range(0, 16).mapToLong(row -> NOW + 1_000_000L * row * row).toArray();
        var vectors = List.of(longs(calls), doubles(total), doubles(mean), longs(at));
        return new ColumnBlock(MEANS, "db-1", NOW, 16, vectors);
    }

    private static ColumnBlock three() {
        return block(
                "ü".repeat(255),
                0,
                longs(1, 1, 1),
                longs(Integer.MIN_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE),
                longs(Long.MAX_VALUE, Long.MIN_VALUE, 0),
                doubles(Double.POSITIVE_INFINITY, -0.0, 1.0 / 3),
                texts("", null, "漢字"),
                longs(VectorReader.TIMESTAMP_MIN, VectorReader.TIMESTAMP_MIN, VectorReader.TIMESTAMP_MIN));
    }

    private static long[] sevens() {
        var sevens = new long[16];
        long power = 1;
        for (int row = 0; row < 16; row++) {
            sevens[row] = power;
            power *= -7;
        }
        return sevens;
    }

    private static ColumnBlock block(String target, long at, ColumnVector... vectors) {
        return new ColumnBlock(SCHEMA, target, at, vectors[0].rows(), List.of(vectors));
    }

    private static ColumnVector longs(long... values) {
        return new ColumnVector.Longs(values, new BitSet());
    }

    private static ColumnVector doubles(double... values) {
        return new ColumnVector.Doubles(values, new BitSet());
    }

    private static ColumnVector onlyNull() {
        var nulls = new BitSet();
        nulls.set(0);
        return new ColumnVector.Longs(new long[1], nulls);
    }

    private static ColumnVector texts(String... values) {
        var distinct =
                Arrays.stream(values).filter(value -> value != null).distinct().toList();
        var indexes = Arrays.stream(values).mapToInt(distinct::indexOf).toArray();
        return new ColumnVector.Texts(
                distinct.stream()
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toArray(byte[][]::new),
                indexes);
    }
}
