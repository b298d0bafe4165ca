package org.pganalytics.perf;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is promised, each row of the table in docs/performance.md: a floor, and an aim beyond it. */
enum Goal {
    COPY_RATIO(
            0.8, 0.95, "", "Durable rows/s through the server, bodies in the fast form ÷ `psql` COPY of the same rows"),
    COPY_RATIO_SMALL_FORM(0.8, 0.95, "", "The same, with bodies in the small form that agents send"),
    COPY_DIRECT_RATIO(
            0,
            1.4,
            "",
            "Durable rows/s through the server as columns at once (TimescaleDB's community edition) ÷ plain `psql` COPY"),
    SERVER_CPU_SHARE(0.35, 0.2, "", "Server CPU ÷ (server + database) CPU for the same rows"),
    SERVER_CPU_SHARE_SMALL_FORM(0.35, 0.2, "", "The same, with bodies in the small form that agents send"),
    ACK_P99_MS(Kind.TIME, 100, 25, "ms", "p99 of the ack at half the measured top rate, linger included"),
    IDLE_KIB(20, 8, "KiB", "Memory per idle TCP collector"),
    IDLE_TLS_KIB(50, 30, "KiB", "Memory per idle TCP collector under TLS"),
    START_SECONDS(Kind.TIME, 5, 2, "s", "Start to ready on an existing embedded database"),
    WIRE_TO_JSON(0.33, 0.2, "", "Bytes on the wire per value, native ÷ JSON+gzip, what an agent sends"),
    WIRE_TO_REMOTE_WRITE(
            0.5, 0.3, "", "Bytes on the wire per value, native ÷ Prometheus remote write, what an agent sends"),
    V3_TO_NATIVE(0.2, 0.35, "", "v3 JSON pushes: values/s per CPU-second of the server ÷ native"),
    TO_VICTORIA(3, 5, "", "Values/s per CPU-second of server and database ÷ VictoriaMetrics"),
    READS_TOP_P95_MS(
            Kind.TIME, 100, 50, "ms", "p95 of the top 20 statements of a server over 24 h, at half the top rate"),
    READS_FLEET_P95_MS(Kind.TIME, 100, 50, "ms", "p95 of the overview of 500 targets' last hour, at half the top rate"),
    HEAP_MIB(256, 128, "MiB", "Heap live set at 500 collectors × 10 s × 2,000 rows"),
    COLLECTORS(5_000, 10_000, "", "Collectors held at 10 s with 100 rows each, no throttling, no loss"),
    LIMIT_OFF_BY(0.2, 0.05, "", "What one collector gets through three servers ÷ its limit: how far from 1 at most"),
    DISK_BYTES_A_VALUE(2, 2, "bytes", "Bytes a value on disk in the columnstore, where the licence has one"),
    AGENT_PERCENT(20, 5, "%", "One agent watching 100 targets: share of one core"),
    AGENT_MB(150, 100, "MB", "One agent watching 100 targets: resident memory"),
    AGENT_CYCLE_SECONDS(Kind.TIME, 6.5, 1, "s", "One agent's full cycle over 100 simulated targets");

    /** In the place of a floor, where something is only aimed at. */
    private static final double NO_FLOOR = 0;

    /** What a figure is of. */
    private enum Kind {
        TIME,
        AMOUNT
    }

    private final Kind kind;
    private final double floor;
    private final double aim;
    private final String unit;
    private final String title;

    Goal(double floor, double aim, String unit, String title) {
        this(Kind.AMOUNT, floor, aim, unit, title);
    }

    Goal(Kind kind, double floor, double aim, String unit, String title) {
        this.kind = kind;
        this.floor = floor;
        this.aim = aim;
        this.unit = unit;
        this.title = title;
    }

    /** The one of this key. */
    static Optional<Goal> of(String key) {
        return Arrays.stream(values()).filter(goal -> goal.key().equals(key)).findFirst();
    }

    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of the figure that says what it comes to by processor time, where there is one. */
    String keyByCpu() {
        return key() + "_by_cpu";
    }

    double floor() {
        return floor;
    }

    double aim() {
        return aim;
    }

    String unit() {
        return unit;
    }

    String title() {
        return title;
    }

    /** Whether more is better. */
    boolean rises() {
        return aim > floor;
    }

    /** Whether it comes to the floor; to the aim where there is no floor. */
    boolean isMetBy(double value) {
        return rises() ? value >= bound() : value <= bound();
    }

    boolean hasFloor() {
        return floor != NO_FLOOR;
    }

    /** What a figure has to come to: the floor, or the aim where there is none. */
    double bound() {
        return hasFloor() ? floor : aim;
    }

    /** Times of a machine that is busy with other work prove nothing; ratios, counts and memory do. */
    boolean isTime() {
        return kind == Kind.TIME;
    }

    /** The floor for one who must come that far only. @param share of it, more than 0, at most 1 */
    double floorAt(double share) {
        return rises() ? floor * share : floor / share;
    }
}
