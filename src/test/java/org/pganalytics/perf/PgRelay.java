package org.pganalytics.perf;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import org.pganalytics.perf.PgQuestions.Question;

/** Passes connections on to a PostgreSQL server, byte for byte, and keeps what it answers to each question. */
public final class PgRelay {
    private static final char READY = 'Z';
    private static final char SUSPENDED = 's';
    private static final char ERROR = 'E';
    private static final char AUTHENTICATION = 'R';
    private static final String HOST = "127.0.0.1";

    private final NetClient client;
    private final int port;
    private final PgRecording recording;

    private PgRelay(Vertx vertx, int port, PgRecording recording) {
        this.client = vertx.createNetClient();
        this.port = port;
        this.recording = recording;
    }

    /** @param port of the server, on this machine */
    public static Future<NetServer> listen(Vertx vertx, int port, PgRecording recording) {
        return vertx.createNetServer()
                .connectHandler(new PgRelay(vertx, port, recording)::pass)
                .listen(0, HOST);
    }

    private void pass(NetSocket inside) {
        inside.pause();
        client.connect(port, HOST).onFailure(refused -> inside.close()).onSuccess(outside -> {
            var heard = new Heard();
            inside.closeHandler(closed -> outside.close());
            outside.closeHandler(closed -> inside.close());
            inside.handler(bytes -> {
                keeping(() -> heard.asked(bytes));
                outside.write(bytes);
            });
            outside.handler(bytes -> {
                keeping(() -> heard.answered(bytes));
                inside.write(bytes);
            });
            inside.resume();
        });
    }

    private void keeping(Runnable hearing) {
        try {
            hearing.run();
        } catch (RuntimeException failure) {
            recording.failed(failure);
        }
    }

    /** What is said on one connection. */
    private final class Heard {
        private final PgMessages ofClient = PgMessages.ofClient();
        private final PgMessages ofServer = PgMessages.ofServer();
        private final PgQuestions questions = new PgQuestions();
        private final Deque<Question> open = new ArrayDeque<>();
        private Buffer answer = Buffer.buffer();
        private boolean isRefused;

        void asked(Buffer bytes) {
            ofClient.of(bytes).forEach(message -> questions.take(message).ifPresent(open::add));
        }

        void answered(Buffer bytes) {
            for (var message : ofServer.of(bytes)) {
                if (message.type() == SUSPENDED) {
                    throw new IllegalStateException("more rows than are read at once are not recorded: " + open.peek());
                }
                isRefused |= message.type() == ERROR;
                // Whom the server has let in asks nobody for a password when it is played.
                if (message.type() != AUTHENTICATION) {
                    answer.appendBuffer(message.whole());
                }
                if (message.type() == READY) {
                    recording.add(open.remove(), answer, isRefused);
                    answer = Buffer.buffer();
                    isRefused = false;
                }
            }
        }
    }
}
