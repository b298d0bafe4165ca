package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pganalytics.perf.Cores;
import org.pganalytics.perf.PgPlayed;
import org.pganalytics.perf.PgRecording;

/** Each target gives the recorded answers of a PostgreSQL, on a port of its own of this process. */
final class PlayedTargets implements CycleTargets {
    private static final Duration START_MAX = Duration.ofSeconds(10);

    private final PgRecording recording;
    private final List<PgPlayed> targets;
    private final List<Integer> ports;
    private Set<String> readings = Set.of();

    PlayedTargets(Vertx vertx, PgRecording recording, int number) {
        this.recording = recording;
        targets = Stream.generate(() -> new PgPlayed(recording)).limit(number).toList();
        var listening = targets.stream().map(target -> target.listen(vertx)).toList();
        Await.result(Future.all(new ArrayList<>(listening)), START_MAX, "the targets");
        ports = listening.stream()
                .map(Future::result)
                .map(NetServer::actualPort)
                .toList();
    }

    List<Integer> ports() {
        return ports;
    }

    @Override
    public void hear() {
        begin();
    }

    /** They are a set, and what comes a little late must not be missing from it. */
    @Override
    public Duration hearing(Duration interval) {
        return interval.multipliedBy(3).dividedBy(2);
    }

    @Override
    public long heard() {
        var heard = targets.stream().map(PgPlayed::readSince).toList();
        recording.check();
        readings = recording.readings();
        for (int at = 0; at < heard.size(); at++) {
            if (!heard.get(at).equals(readings)) {
                throw new IllegalStateException(
                        "target %d answered %d readings, %d were recorded; without %s, besides %s"
                                .formatted(
                                        at,
                                        heard.get(at).size(),
                                        readings.size(),
                                        without(readings, heard.get(at)),
                                        without(heard.get(at), readings)));
            }
        }
        return (long) readings.size() * targets.size();
    }

    private static Set<String> without(Set<String> all, Set<String> those) {
        return all.stream().filter(one -> !those.contains(one)).collect(Collectors.toSet());
    }

    @Override
    public void begin() {
        targets.forEach(PgPlayed::readSince);
    }

    @Override
    public boolean isThrough() {
        recording.check();
        return targets.stream().allMatch(target -> target.hasRead(readings));
    }

    @Override
    public double seconds(double seen, Duration interval) {
        return seen;
    }

    @Override
    public double cpuSeconds() {
        return Cores.cpuSeconds(ProcessHandle.current().pid());
    }
}
