package org.pganalytics.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.Frame;

/** What a bench says of a server must be the server's doing, and all of it: here with a door whose answers are chosen. */
class FleetTurnsTest {
    private static final long MILLI = 1_000_000;
    private static final MetricFamily STATEMENTS = Statements.shipped();

    /** What the door does with the next batches: nothing said is an ack at once. */
    private final Deque<ScriptedDoor.Reply> replies = new ArrayDeque<>();

    /** What became of it, and of its batches. */
    private record Result(FleetMember member, FleetMember.Count count) {}

    private Result run(long begunAgo, long interval, int rounds) throws Exception {
        var body = new BatchEncoder(3).encode(new GeneratedBlocks(List.of(STATEMENTS)).ofTargets(STATEMENTS, 0, 1, 0));
        try (var door = new ScriptedDoor(replies);
                var session = NativeSession.registered(new Socket("127.0.0.1", door.port()), "one")) {
            session.declare(STATEMENTS.schema());
            var member = new FleetMember(session, body);
            long begun = System.nanoTime() - begunAgo;
            new FleetTurns(List.of(member), new FleetTurns.Times(begun, interval, 0, rounds)).run();
            return new Result(member, member.recount());
        }
    }

    @Test
    void acksBeforeTheNextTurnAreClean() throws Exception {
        var count = run(0, 10_000 * MILLI, 1).count();
        assertTrue(count.isClean());
        assertEquals(1, count.acknowledged());
    }

    @Test
    void anAckAfterTheNextTurnIsLateThoughTheNextBatchWaitedForIt() throws Exception {
        var late = new ScriptedDoor.Reply(600, batch -> ScriptedDoor.ack(batch));
        replies.addAll(List.of(late, late, late));
        var count = run(0, 400 * MILLI, 3).count();
        assertFalse(count.isClean());
        assertEquals(count.acknowledged(), count.behind());
        assertEquals(3, count.acknowledged() + count.unfinished());
    }

    @Test
    void aBatchThatTheBenchSendsLateIsTheBenchsFault() throws Exception {
        var count = run(1_500 * MILLI, 10_000 * MILLI, 1).count();
        assertEquals(1, count.sentLate());
        assertEquals(0, count.behind());
        assertFalse(count.isClean());
    }

    @Test
    void whatIsRefusedIsSentAgain() throws Exception {
        replies.add(new ScriptedDoor.Reply(0, batch -> new Frame.Nack(1, 1, Fault.OVERLOADED, 20, 1, "busy")));
        var count = run(0, 10_000 * MILLI, 1).count();
        assertEquals(1, count.refused());
        assertEquals(1, count.acknowledged());
        assertFalse(count.isClean());
    }

    @Test
    void aConnectionThatTheServerClosesIsLost() throws Exception {
        replies.add(new ScriptedDoor.Reply(0, batch -> null));
        var result = run(0, 300 * MILLI, 2);
        assertTrue(result.member().isLost());
        assertEquals(0, result.count().acknowledged());
        assertEquals(2, result.count().unfinished());
    }
}
