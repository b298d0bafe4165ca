package org.pganalytics.ingest.tcp;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.BodyDecoder;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Receipt;
import org.pganalytics.wire.Frame;

/**
 * Takes a session's batches in order: within its window, decoded, handed on, answered. One event loop, no lock.
 *
 * <p>A batch is in flight until its answer is written, so a peer that never reads slows only itself.
 */
final class BatchFlow {
    private final TcpConnection connection;
    private final TcpDoor.Shared shared;
    private final TcpSession.Turn turn;
    private final Answers answers;
    private final GoBack goBack = new GoBack();
    private final Map<Long, FamilySchema> schemas = new HashMap<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean decoding;
    private boolean handing;
    private boolean draining;
    private String drainedBecause = "";
    private boolean over;

    private record Waiting(GoBack.UnderWay batch, Frame.BatchFrame frame) {}

    BatchFlow(TcpConnection connection, TcpDoor.Shared shared, TcpSession.Turn turn) {
        this.connection = connection;
        this.shared = shared;
        this.turn = turn;
        this.answers = new Answers(connection, turn.standing(), shared.config().window(), this::answered);
    }

    void declare(FamilySchema schema) {
        if (schemas.size() >= shared.config().schemasMax() && !schemas.containsKey(schema.fingerprint())) {
            throw Fault.BAD_FRAME.because("a connection may declare %d schemas"
                    .formatted(shared.config().schemasMax()));
        }
        schemas.put(schema.fingerprint(), schema);
    }

    void take(Frame.BatchFrame frame) {
        var position = frame.header().position();
        if (position.epoch() != turn.standing().epoch()) {
            leave(
                    position.sequence(),
                    Fault.EPOCH_OLD.because("the epoch of this session is %d, not %d"
                            .formatted(turn.standing().epoch(), position.epoch())));
            return;
        }
        if (draining || goBack.discards(position)) {
            return;
        }
        goBack.arrived(position);
        // A declared length beyond the limit is refused by the decoder, before it takes memory.
        long bytes = frame.body().length()
                + (long) Math.min(
                        frame.header().uncompressedBytes(),
                        shared.lobby().limits().uncompressedBytesMax());
        var refusal = noRoom(bytes);
        if (refusal != null) {
            goBackTo(frame, refusal);
            return;
        }
        waiting.add(new Waiting(goBack.begin(position, bytes), frame));
        handOn();
    }

    /** Returns why a batch cannot be taken now, or null and its bytes are reserved. */
    private FaultException noRoom(long bytes) {
        int window = shared.config().window();
        if (answers.windowIsShut()) {
            return Fault.OVERLOADED.because("the window is shut").retryAfter(answers.untilWindowOpens());
        }
        if (goBack.current() + answers.unwritten() >= window || goBack.all() >= 2 * window) {
            return Fault.OVERLOADED.because("%d batches may be unanswered".formatted(window));
        }
        var room = shared.lobby().bytes();
        return room.reserve(bytes) ? null : room.full(bytes);
    }

    /** Hands batches on in order; an intake that answers at once must not start this a second time. */
    private void handOn() {
        if (handing) {
            return;
        }
        handing = true;
        while (!decoding && !waiting.isEmpty()) {
            var next = waiting.poll();
            decoding = true;
            decoded(next).onComplete(content -> {
                decoding = false;
                accept(next, content);
                handOn();
            });
        }
        handing = false;
    }

    /** What would be refused is not worth decoding: an overloaded server has no time for it. */
    private Future<BatchContent> decoded(Waiting next) {
        if (next.batch().abandoned() || over) {
            return Future.succeededFuture(null);
        }
        var intake = shared.corridor().intake();
        var collector = turn.principal().collector();
        long bytes = next.batch().bytes();
        return Future.<Void>succeededFuture()
                .compose(begin -> shared.lobby()
                        .decoder()
                        .decode(next.frame(), schemas::get, () -> intake.refusalNow(collector, bytes)));
    }

    private void accept(Waiting next, AsyncResult<BatchContent> content) {
        if (content.failed()) {
            settle(next, Future.failedFuture(content.cause()), 0);
            return;
        }
        if (content.result() == null || next.batch().abandoned() || over) {
            finish(next, 0);
            answered();
            return;
        }
        long extra = Math.max(
                0, BodyDecoder.memoryBytes(content.result()) - next.batch().bytes());
        if (!shared.lobby().bytes().reserve(extra)) {
            settle(next, Future.failedFuture(shared.lobby().bytes().full(extra)), 0);
            return;
        }
        Future.<Void>succeededFuture()
                .compose(begin -> shared.corridor()
                        .intake()
                        .accept(Batches.of(
                                turn.principal().collector(), next.frame(), content.result(), schemas, shared.codec())))
                .onComplete(receipt -> settle(next, receipt, extra));
    }

    private void finish(Waiting settled, long extra) {
        goBack.finish(settled.batch());
        shared.lobby().bytes().release(settled.batch().bytes() + extra);
    }

    private void settle(Waiting next, AsyncResult<Receipt> answer, long extra) {
        finish(next, extra);
        if (over) {
            return;
        }
        if (answer.succeeded()) {
            goBack.settled(answer.result().mark());
            answers.settled(answer.result());
        } else {
            refused(next, Handshake.refusal(answer.cause()));
        }
        answered();
    }

    private void refused(Waiting next, FaultException why) {
        var position = next.frame().header().position();
        if (!why.fault().retryable()) {
            leave(position.sequence(), why);
        } else if (!next.batch().abandoned()) {
            goBackTo(next.frame(), why);
        }
    }

    /** One refusal; what the sender sent before it could know is thrown away. */
    private void goBackTo(Frame.BatchFrame frame, FaultException why) {
        var position = frame.header().position();
        if (position.sequence() <= answers.mark()) {
            answers.again();
            return;
        }
        long expected = Math.max(answers.mark() + 1, why.expected().orElse(position.coversFrom()));
        if (goBack.refuse(expected)) {
            shared.lobby().refusals().refused(turn.principal().collector().toString(), why);
            answers.refuse(position.sequence(), expected, why);
        }
    }

    /** A refusal after which this session has nothing more to say: its sender is not who the ledger waits for. */
    private void leave(long sequence, FaultException why) {
        answers.refuse(sequence, answers.mark() + 1, why);
        connection.end(why);
    }

    /** After each answer: a drained session ends with its last one. */
    private void answered() {
        if (draining && goBack.all() == 0 && answers.unwritten() == 0) {
            leave();
        }
    }

    /** Ends the session with its last answer, or when that takes too long. @param why for the collector */
    void drain(String why) {
        if (!draining) {
            draining = true;
            drainedBecause = why;
            var limit = shared.config().drainTime();
            answers.shut(limit);
            connection.vertx().setTimer(Math.max(1, limit.toMillis()), late -> leave());
            answered();
        }
    }

    private void leave() {
        if (!over) {
            connection.end(Fault.DRAINING.because(drainedBecause));
        }
    }

    void close() {
        over = true;
        answers.close();
        waiting.forEach(left -> finish(left, 0));
        waiting.clear();
    }
}
