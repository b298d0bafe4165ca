package org.pganalytics.perf;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.pganalytics.perf.PgQuestions.Question;

/** A PostgreSQL server that gives recorded answers, and lets in everybody. */
public final class PgPlayed {
    private static final Buffer LET_IN =
            Buffer.buffer().appendByte((byte) 'R').appendInt(8).appendInt(0);

    private final PgRecording recording;
    private final Map<String, Integer> times = new ConcurrentHashMap<>();
    private final Set<String> read = ConcurrentHashMap.newKeySet();

    public PgPlayed(PgRecording recording) {
        this.recording = recording;
    }

    public Future<NetServer> listen(Vertx vertx) {
        return vertx.createNetServer().connectHandler(this::serve).listen(0, "127.0.0.1");
    }

    /** The readings it has answered since this was asked last. */
    public Set<String> readSince() {
        var those = Set.copyOf(read);
        read.clear();
        return those;
    }

    public boolean hasRead(Set<String> readings) {
        return read.containsAll(readings);
    }

    private void serve(NetSocket socket) {
        var messages = PgMessages.ofClient();
        var questions = new PgQuestions();
        socket.handler(bytes -> {
            try {
                messages.of(bytes)
                        .forEach(message -> questions.take(message).ifPresent(question -> answer(question, socket)));
            } catch (RuntimeException failure) {
                recording.failed(failure);
                socket.close();
            }
        });
    }

    private void answer(Question question, NetSocket socket) {
        int time = times.merge(question.text(), 1, Integer::sum) - 1;
        var answer = recording.answer(question, time);
        socket.write(question.isFirst() ? LET_IN.copy().appendBuffer(answer) : answer);
        if (recording.isRead(question)) {
            read.add(question.text());
        }
    }
}
