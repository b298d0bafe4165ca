package org.pganalytics.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.EncodedBody;

/** Collectors that send what was encoded before they began: one body each, again and again under new numbers. */
final class Replay implements AutoCloseable {
    /** Of all collectors: what the server takes in of large batches before it is OVERLOADED, with some to spare. */
    private static final int UNANSWERED = 48;

    private final List<NativeSession> sessions = new ArrayList<>();
    private final List<EncodedBody> bodies = new ArrayList<>();
    private final Crew crew;
    private final int rowsABatch;

    /** What is sent. @param encoder the form of the bodies @param targets whose rows are in a batch */
    record Shape(MetricFamily family, BatchEncoder encoder, int collectors, int targets, String names) {}

    /** Bodies of one moment of the shape's targets. */
    Replay(ServerProcess server, Shape shape) throws IOException {
        this(
                server,
                shape,
                collector -> new GeneratedBlocks(List.of(shape.family()))
                        .ofTargets(shape.family(), collector, shape.targets(), System.currentTimeMillis() * 1_000));
    }

    /** @param blocks of the body that a collector sends; each collector's has as many rows */
    Replay(ServerProcess server, Shape shape, IntFunction<List<ColumnBlock>> blocks) throws IOException {
        crew = new Crew(shape.collectors());
        int rows = 0;
        try {
            for (int collector = 0; collector < shape.collectors(); collector++) {
                var body = blocks.apply(collector);
                rows = body.stream().mapToInt(ColumnBlock::rows).sum();
                bodies.add(shape.encoder().encode(body));
                var socket = new Socket(InetAddress.getLoopbackAddress(), server.port("tcp"));
                sessions.add(NativeSession.registered(socket, shape.names() + collector));
                sessions.get(collector).declare(shape.family().schema());
            }
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
        rowsABatch = rows;
    }

    int rowsABatch() {
        return rowsABatch;
    }

    /** As fast as the windows allow. @return seconds from the first to the last ack's arrival */
    double flood(int batches) throws IOException, InterruptedException {
        var left = new AtomicInteger(batches);
        long begun = System.nanoTime();
        crew.all(collector -> {
            var session = sessions.get(collector);
            while (left.getAndDecrement() > 0) {
                while (session.mayNotSend(UNANSWERED / sessions.size())) {
                    session.awaitAnswer();
                }
                session.send(bodies.get(collector));
            }
            while (session.unanswered() > 0) {
                session.awaitAnswer();
            }
            return null;
        });
        return (System.nanoTime() - begun) / 1e9;
    }

    /**
     * At a rate, the collectors' turns spread over the interval.
     *
     * @return from when a batch was due until its ack, in ms, sorted; a batch that waits for the one before it is late by
     *     that too
     */
    double[] pace(double batchesASecond, double seconds) throws IOException, InterruptedException {
        return paceWhile(batchesASecond, since -> since < seconds * 1e9);
    }

    /** The same for as long as a batch is wanted that is due so many nanoseconds after the first was. */
    double[] paceWhile(double batchesASecond, LongPredicate wanted) throws IOException, InterruptedException {
        long interval = (long) (sessions.size() / batchesASecond * 1e9);
        long begun = System.nanoTime() + interval;
        var found = crew.all(collector -> {
            var session = sessions.get(collector);
            var latencies = new ArrayList<Double>();
            long due = begun + interval * collector / sessions.size();
            for (; wanted.test(due - begun); due += interval) {
                Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
                session.send(bodies.get(collector));
                while (session.unanswered() > 0) {
                    session.awaitAnswer();
                }
                latencies.add((System.nanoTime() - due) / 1e6);
            }
            return latencies;
        });
        return found.stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
    }

    @Override
    public void close() throws IOException {
        crew.close();
        for (var session : sessions) {
            session.close();
        }
    }
}
