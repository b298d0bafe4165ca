package org.pganalytics.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.pganalytics.collector.load.LongBlocks;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.EncodedBody;

/**
 * Many collectors that send a batch each an interval, their turns spread over it. Bodies were encoded before, and few
 * threads serve all connections, so that it takes little of the machine that the server is measured on.
 */
final class Fleet implements AutoCloseable {
    private static final int THREADS = 8;

    /** Of one target each. */
    private static final int BLOCK_ROWS = 300;

    /** Different bodies; one for each collector would fill this process. */
    private static final int BODIES = 32;

    private final Crew crew = new Crew(THREADS);
    private final Queue<NativeSession> sessions = new ConcurrentLinkedQueue<>();
    private final List<EncodedBody> bodies = new ArrayList<>();
    private final List<List<FleetMember>> groups;
    private final ServerProcess server;
    private final MetricFamily family;
    private final int rows;
    private final double registrationMillis;
    private int blocks;

    /**
     * What became of the batches.
     *
     * @param clean collectors that were never throttled, refused, cut off, sent for too late, nor still unanswered when the
     *     next batch was due
     * @param rows acknowledged
     * @param behind batches not acknowledged when the next was due
     * @param sentLate batches that this bench, not the server, was late with
     * @param unfinished batches that were given up
     * @param lost connections
     * @param seconds until the last answer
     */
    record Outcome(
            int collectors,
            int clean,
            long rows,
            int throttled,
            int refused,
            int behind,
            int sentLate,
            int unfinished,
            int lost,
            double seconds) {
        String describe() {
            return ("%d of %d collectors without trouble; %d rows acknowledged in %.1f s; throttled %d times, refused %d,"
                            + " late %d, given up %d, connections lost %d%s")
                    .formatted(
                            clean,
                            collectors,
                            rows,
                            seconds,
                            throttled,
                            refused,
                            behind,
                            unfinished,
                            lost,
                            sentLate > 0
                                    ? "; the bench itself could not keep up: it sent %d late".formatted(sentLate)
                                    : "");
        }
    }

    /** Registers them all. @param rows of each batch */
    Fleet(ServerProcess server, MetricFamily family, int collectors, int rows)
            throws IOException, InterruptedException {
        this.server = server;
        this.family = family;
        this.rows = rows;
        var encoder = new BatchEncoder(3);
        for (int body = 0; body < Math.min(BODIES, collectors); body++) {
            bodies.add(encoder.encode(blocks()));
        }
        long begun = System.nanoTime();
        try {
            groups = crew.all(thread -> register(thread, collectors));
        } catch (IOException | InterruptedException failure) {
            close();
            throw failure;
        }
        registrationMillis = (System.nanoTime() - begun) / 1e6 / collectors;
    }

    /** No two of all bodies are alike: the compression would send the second one for nothing. */
    private List<ColumnBlock> blocks() {
        var made = new ArrayList<ColumnBlock>();
        long micros = System.currentTimeMillis() * 1_000;
        for (int left = rows; left > 0; left -= BLOCK_ROWS) {
            var block = LongBlocks.of(family, blocks++, Math.min(left, BLOCK_ROWS), micros);
            made.add(new ColumnBlock(block.schema(), "target-" + made.size(), micros, block.rows(), block.vectors()));
        }
        return made;
    }

    private List<FleetMember> register(int thread, int collectors) throws IOException {
        var registered = new ArrayList<FleetMember>();
        for (int number = thread; number < collectors; number += THREADS) {
            var socket = new Socket(InetAddress.getLoopbackAddress(), server.port("tcp"));
            var session = NativeSession.registered(socket, "fleet-" + rows + "-" + number);
            sessions.add(session);
            session.declare(family.schema());
            registered.add(new FleetMember(session, bodies.get(number % bodies.size())));
        }
        return registered;
    }

    double registrationMillis() {
        return registrationMillis;
    }

    /** @param rounds batches of each collector */
    Outcome run(int rounds, double intervalSeconds) throws IOException, InterruptedException {
        groups.forEach(group -> group.forEach(FleetMember::recount));
        long interval = (long) (intervalSeconds * 1e9);
        long begun = System.nanoTime();
        crew.all(thread -> {
            var times = new FleetTurns.Times(begun, interval, interval * thread / sessions.size(), rounds);
            new FleetTurns(groups.get(thread), times).run();
            return null;
        });
        return outcome((System.nanoTime() - begun) / 1e9);
    }

    private Outcome outcome(double seconds) {
        var members = groups.stream().flatMap(List::stream).toList();
        members.stream()
                .map(FleetMember::trouble)
                .filter(trouble -> !trouble.isEmpty())
                .findFirst()
                .ifPresent(trouble -> System.out.println("  the first that had trouble: " + trouble));
        var counts = members.stream().map(FleetMember::recount).toList();
        return new Outcome(
                members.size(),
                (int) IntStream.range(0, members.size())
                        .filter(at ->
                                !members.get(at).isLost() && counts.get(at).isClean())
                        .count(),
                counts.stream()
                        .mapToLong(count -> (long) count.acknowledged() * rows)
                        .sum(),
                counts.stream().mapToInt(FleetMember.Count::throttled).sum(),
                counts.stream().mapToInt(FleetMember.Count::refused).sum(),
                counts.stream().mapToInt(FleetMember.Count::behind).sum(),
                counts.stream().mapToInt(FleetMember.Count::sentLate).sum(),
                counts.stream().mapToInt(FleetMember.Count::unfinished).sum(),
                (int) members.stream().filter(FleetMember::isLost).count(),
                seconds);
    }

    @Override
    public void close() throws IOException {
        crew.close();
        for (var session : sessions) {
            session.close();
        }
    }
}
