package org.pganalytics.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final List<Member> members = new ArrayList<>();
    private final List<EncodedBody> bodies = new ArrayList<>();
    private final int rows;
    private final double registrationMillis;

    /** Takes answers of the server. */
    private interface Receiving {
        void receive() throws IOException;
    }

    /** One collector, and what happened to it since the last count. */
    private static final class Member {
        private final NativeSession session;
        private final EncodedBody body;
        private int throttlesBefore;
        private int sent;
        private int refused;
        private int behind;
        private String refusal = "";
        private String lost = "";

        Member(NativeSession session, EncodedBody body) {
            this.session = session;
            this.body = body;
        }

        void send() throws IOException, InterruptedException {
            receive(session::takeArrived);
            behind += session.unanswered() > 0 ? 1 : 0;
            settle();
            session.send(body);
            sent++;
        }

        /** Until all it has sent is acknowledged. */
        void settle() throws IOException, InterruptedException {
            while (session.unanswered() > 0) {
                receive(session::awaitAnswer);
            }
        }

        /** What was refused is sent again, as collectors do. */
        private void receive(Receiving answers) throws IOException, InterruptedException {
            try {
                answers.receive();
            } catch (NativeSession.Refused again) {
                refused++;
                refusal = again.getMessage();
                Thread.sleep(again.retryAfterMillis());
                session.send(body);
            }
        }

        boolean hadTrouble() {
            return throttled() > 0 || refused > 0 || behind > 0 || !lost.isEmpty();
        }

        int throttled() {
            return session.throttles() - throttlesBefore;
        }

        void forget() {
            throttlesBefore = session.throttles();
            sent = 0;
            refused = 0;
            behind = 0;
        }
    }

    /**
     * What became of the batches.
     *
     * @param clean collectors that were never throttled, refused, cut off, nor still unanswered when the next batch was due
     */
    record Outcome(
            int collectors, int clean, long rows, int throttled, int refused, int behind, int lost, double seconds) {
        String describe() {
            return ("%d of %d collectors without trouble; %d rows;"
                            + " throttled %d times, refused %d, late %d, connections lost %d")
                    .formatted(clean, collectors, rows, throttled, refused, behind, lost);
        }
    }

    /** Registers them all. @param rows of each batch */
    Fleet(ServerProcess server, MetricFamily family, int collectors, int rows)
            throws IOException, InterruptedException {
        this.rows = rows;
        var encoder = new BatchEncoder(3);
        for (int body = 0; body < Math.min(BODIES, collectors); body++) {
            bodies.add(encoder.encode(blocks(family, body)));
        }
        long begun = System.nanoTime();
        var groups = inParallel(thread -> {
            var registered = new ArrayList<Member>();
            for (int number = thread; number < collectors; number += THREADS) {
                var socket = new Socket(InetAddress.getLoopbackAddress(), server.port("tcp"));
                var session = NativeSession.registered(socket, "fleet-" + rows + "-" + number);
                session.declare(family.schema());
                registered.add(new Member(session, bodies.get(number % bodies.size())));
            }
            return registered;
        });
        registrationMillis = (System.nanoTime() - begun) / 1e6 / collectors;
        for (int number = 0; number < collectors; number++) {
            members.add(groups.get(number % THREADS).get(number / THREADS));
        }
    }

    private List<ColumnBlock> blocks(MetricFamily family, int collector) {
        var blocks = new ArrayList<ColumnBlock>();
        long micros = System.currentTimeMillis() * 1_000;
        for (int left = rows; left > 0; left -= BLOCK_ROWS) {
            var block = LongBlocks.of(family, collector, Math.min(left, BLOCK_ROWS), micros);
            blocks.add(
                    new ColumnBlock(block.schema(), "target-" + blocks.size(), micros, block.rows(), block.vectors()));
        }
        return blocks;
    }

    double registrationMillis() {
        return registrationMillis;
    }

    /** @param rounds batches of each collector */
    Outcome run(int rounds, double intervalSeconds) throws IOException, InterruptedException {
        members.forEach(Member::forget);
        long interval = (long) (intervalSeconds * 1e9);
        long begun = System.nanoTime();
        inParallel(thread -> {
            for (int round = 0; round < rounds; round++) {
                for (int number = thread; number < members.size(); number += THREADS) {
                    long due = begun + round * interval + interval * number / members.size();
                    Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
                    work(members.get(number), Member::send);
                }
            }
            for (int number = thread; number < members.size(); number += THREADS) {
                work(members.get(number), Member::settle);
            }
            return null;
        });
        return outcome((System.nanoTime() - begun) / 1e9);
    }

    /** What a collector does when its turn comes. */
    private interface Step {
        void of(Member member) throws IOException, InterruptedException;
    }

    /** One that was cut off is not asked again. */
    private static void work(Member member, Step step) throws InterruptedException {
        if (member.lost.isEmpty()) {
            try {
                step.of(member);
            } catch (IOException cut) {
                member.lost = cut.toString();
            }
        }
    }

    private Outcome outcome(double seconds) {
        members.stream()
                .map(member -> member.lost.isEmpty() ? member.refusal : member.lost)
                .filter(trouble -> !trouble.isEmpty())
                .findFirst()
                .ifPresent(trouble -> System.out.println("  the first that had trouble: " + trouble));
        return new Outcome(
                members.size(),
                (int) members.stream().filter(member -> !member.hadTrouble()).count(),
                members.stream().mapToLong(member -> (long) member.sent * rows).sum(),
                members.stream().mapToInt(Member::throttled).sum(),
                members.stream().mapToInt(member -> member.refused).sum(),
                members.stream().mapToInt(member -> member.behind).sum(),
                (int) members.stream().filter(member -> !member.lost.isEmpty()).count(),
                seconds);
    }

    /** What one thread does. */
    private interface Work<T> {
        T of(int thread) throws IOException, InterruptedException;
    }

    private <T> List<T> inParallel(Work<T> work) throws IOException, InterruptedException {
        var calls = new ArrayList<Callable<T>>();
        for (int thread = 0; thread < THREADS; thread++) {
            int number = thread;
            calls.add(() -> work.of(number));
        }
        var results = new ArrayList<T>();
        for (var done : threads.invokeAll(calls)) {
            try {
                results.add(done.get());
            } catch (ExecutionException failed) {
                throw new IOException(failed.getCause());
            }
        }
        return results;
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        for (var member : members) {
            member.session.close();
        }
    }
}
