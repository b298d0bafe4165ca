package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.pgclient.PgConnectOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database that lets everybody in and refuses every query, as one in recovery does with LISTEN. */
class NotificationsTest {
    private static final ClusterConfig FAST = new ClusterConfig(
            Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofMillis(500), Duration.ofMinutes(1));

    private static final Buffer READY = message('Z', Buffer.buffer("I"));

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private NetServer server;

    @BeforeEach
    void listen() throws Exception {
        server = await(vertx.createNetServer().connectHandler(this::refuse).listen(0, "127.0.0.1"));
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private void refuse(NetSocket socket) {
        connections.incrementAndGet();
        open.incrementAndGet();
        socket.closeHandler(closed -> open.decrementAndGet());
        socket.handler(bytes -> {
            if (bytes.getByte(0) == 0) { // a startup message has no type, and its length begins with 0
                socket.write(message('R', Buffer.buffer().appendInt(0))
                        .appendBuffer(message('S', Buffer.buffer("client_encoding\0UTF8\0")))
                        .appendBuffer(message('S', Buffer.buffer("server_version\0" + "17.0\0")))
                        .appendBuffer(message('K', Buffer.buffer().appendInt(1).appendInt(2)))
                        .appendBuffer(READY));
            } else if (bytes.getByte(0) == 'Q') {
                var why = "SERROR\0C25006\0Mcannot execute LISTEN during recovery\0\0";
                socket.write(message('E', Buffer.buffer(why)).appendBuffer(READY));
            } else if (bytes.getByte(0) == 'X') { // the client's farewell, after which PostgreSQL closes
                socket.close();
            }
        });
    }

    private static Buffer message(char type, Buffer content) {
        return Buffer.buffer()
                .appendByte((byte) type)
                .appendInt(4 + content.length())
                .appendBuffer(content);
    }

    private PgConnectOptions options() {
        return new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(server.actualPort())
                .setUser("u")
                .setDatabase("d");
    }

    @Test
    void whereNobodyMayListenItIsTriedAgainOnceAPause() throws Exception {
        var notifications = new Notifications(vertx, () -> Future.succeededFuture(options()), FAST);
        notifications.on("channel", ignored -> {});
        notifications.start();
        await(vertx.timer(2_100, TimeUnit.MILLISECONDS));
        int tried = connections.get();
        assertTrue(tried >= 3 && tried <= 12, "tried " + tried + " times in ten pauses");

        await(notifications.stop());
        await(vertx.timer(500, TimeUnit.MILLISECONDS));
        int then = connections.get();
        await(vertx.timer(500, TimeUnit.MILLISECONDS));
        assertEquals(then, connections.get(), "it is over");
        assertEquals(0, open.get(), "and leaves nothing open");
    }
}
