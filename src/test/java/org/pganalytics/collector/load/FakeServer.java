package org.pganalytics.collector.load;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.wire.Frame;

/** A server that keeps the protocol's ledger in memory and has an accident now and then. */
final class FakeServer {
    static final String SECRET = "a registration secret";

    /** What happens to every so-manyth batch. */
    enum Accident {
        NONE,
        CUT_BEFORE_STORING,
        CUT_BEFORE_ACK,
        REFUSED_FOR_NOW,
        REFUSED_FOR_EVER,
        THROTTLED,
        SENT_AWAY
    }

    /** What is kept of a collector. */
    static final class Account {
        final List<ColumnBlock> stored = new CopyOnWriteArrayList<>();
        final List<Long> losses = new CopyOnWriteArrayList<>();
        private final Map<Long, Digest> digests = new ConcurrentHashMap<>();
        private volatile long mark;

        long mark() {
            return mark;
        }

        void restore(long earlierMark) {
            mark = earlierMark;
        }

        boolean knows(long sequence, Digest digest) {
            var first = digests.putIfAbsent(sequence, digest);
            return first == null || first.equals(digest);
        }

        void settle(long sequence) {
            mark = sequence;
        }
    }

    final Map<UUID, Account> accounts = new ConcurrentHashMap<>();
    final List<String> complaints = new CopyOnWriteArrayList<>();
    private final Map<NetSocket, FakeSession> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger batches = new AtomicInteger();
    private final Vertx vertx;
    private final Accident accident;
    private final int every;
    private NetServer server;
    private int port;

    FakeServer(Vertx vertx, Accident accident, int every) {
        this.vertx = vertx;
        this.accident = accident;
        this.every = every;
    }

    /** Listens; a second time on the port of the first. */
    Future<?> start() {
        server = vertx.createNetServer().connectHandler(socket -> {
            var session = new FakeSession(vertx, socket, this);
            sessions.put(socket, session);
            socket.closeHandler(closed -> sessions.remove(socket));
        });
        return server.listen(port, "127.0.0.1").onSuccess(listening -> port = listening.actualPort());
    }

    /** As a kill would: no farewell. */
    Future<?> stop() {
        var closed = new ArrayList<Future<?>>(List.of(server.close()));
        sessions.keySet().forEach(socket -> closed.add(socket.close()));
        return Future.join(closed);
    }

    /** Completes once so many collectors are there and each has this many batches settled. */
    Future<?> whenSettled(int collectors, long batchesEach) {
        boolean there = accounts.size() == collectors
                && accounts.values().stream().allMatch(account -> account.mark() >= batchesEach);
        return there
                ? Future.succeededFuture()
                : vertx.timer(10, TimeUnit.MILLISECONDS).compose(later -> whenSettled(collectors, batchesEach));
    }

    int port() {
        return port;
    }

    Accident accidentOfNext() {
        return batches.incrementAndGet() % every == 0 ? accident : Accident.NONE;
    }

    /** Stores the batch in the account unless it is there, in one turn, as a commit does. */
    void store(Account account, Frame.BatchFrame batch, List<ColumnBlock> blocks) {
        var header = batch.header();
        account.stored.addAll(blocks);
        header.losses().forEach(loss -> account.losses.add(header.position().coversFrom()));
        account.settle(header.position().sequence());
    }
}
