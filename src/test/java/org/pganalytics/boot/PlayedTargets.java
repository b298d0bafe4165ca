package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.pganalytics.perf.Cores;
import org.pganalytics.perf.PgPlayed;
import org.pganalytics.perf.PgRecording;

/** Each target gives the recorded answers of a PostgreSQL, on a port of its own of this process. */
final class PlayedTargets implements CycleTargets {
    private static final Duration START_MAX = Duration.ofSeconds(10);

    private final List<PgPlayed> targets;
    private final List<Integer> ports;
    private List<Set<String>> whole = List.of();

    PlayedTargets(Vertx vertx, PgRecording recording, int number) {
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

    @Override
    public long heard() {
        whole = targets.stream().map(PgPlayed::readSince).toList();
        return whole.stream().mapToLong(Set::size).sum();
    }

    @Override
    public void begin() {
        targets.forEach(PgPlayed::readSince);
    }

    @Override
    public boolean isThrough() {
        for (int at = 0; at < targets.size(); at++) {
            if (!targets.get(at).hasRead(whole.get(at))) {
                return false;
            }
        }
        return true;
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
