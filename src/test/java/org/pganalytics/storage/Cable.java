package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP proxy between a pool and PostgreSQL that knows the protocol's messages and has one accident when told to. */
final class Cable {
    private static final Buffer NOISE = message('N', "SNOTICE\0VNOTICE\0C00000\0Mhello\0\0")
            .appendBuffer(message('S', "application_name\0other\0"))
            .appendBuffer(message('A', "\0\0\0\7channel\0payload\0"));

    /** A group's, by the timeout of {@link BrokenCopyIT#impatient}; the regular look at the database has another one. */
    private static final String GROUPS_BEGIN = "BEGIN; SET LOCAL statement_timeout = 2000;";

    private final NetServer server;
    private final NetClient client;
    private final int target;
    private volatile Accident next = Accident.NONE;
    private volatile boolean unplugged;
    private final Set<NetSocket> lines = ConcurrentHashMap.newKeySet();
    final AtomicInteger accidents = new AtomicInteger();

    Cable(Vertx vertx, int target) {
        this.target = target;
        this.client = vertx.createNetClient();
        this.server = vertx.createNetServer().connectHandler(this::join);
    }

    Future<Integer> plugIn() {
        return server.listen(0, "127.0.0.1").map(NetServer::actualPort);
    }

    /** The next transaction that this applies to has it. */
    void have(Accident accident) {
        next = accident;
    }

    /** The database is away: every line is cut, and no new one comes to be. */
    void unplug() {
        unplugged = true;
        lines.forEach(NetSocket::close);
    }

    void plugInAgain() {
        unplugged = false;
    }

    private void join(NetSocket near) {
        if (unplugged) {
            near.close();
            return;
        }
        lines.add(near);
        near.pause();
        client.connect(target, "127.0.0.1").onFailure(away -> near.close()).onSuccess(far -> {
            new Line(near, far).start();
            near.resume();
        });
    }

    static Buffer message(char type, String body) {
        var bytes = Buffer.buffer(body, "UTF-8");
        return Buffer.buffer()
                .appendByte((byte) type)
                .appendInt(bytes.length() + 4)
                .appendBuffer(bytes);
    }

    /** One connection. An accident begins with a COPY or a COMMIT of rows, and ends the same way or with the line. */
    private final class Line {
        private final NetSocket near;
        private final NetSocket far;
        private Accident now = Accident.NONE;
        private boolean copying;
        private boolean committing;
        private boolean failed;
        private boolean stalled;

        Line(NetSocket near, NetSocket far) {
            this.near = near;
            this.far = far;
        }

        void start() {
            var fromNear = new Messages(true, this::fromStore);
            var fromFar = new Messages(false, this::fromServer);
            near.handler(fromNear::add);
            far.handler(fromFar::add);
            near.closeHandler(closed -> {
                lines.remove(near);
                if (!stalled) {
                    far.close();
                }
            });
            far.closeHandler(closed -> near.close());
        }

        private void cut() {
            now = Accident.NONE;
            stalled = false;
            near.close();
            far.close();
        }

        /** The far side stays open, as if the store's machine had vanished. */
        private void stall() {
            stalled = true;
        }

        private void fromStore(char type, Buffer message) {
            if (stalled) {
                return;
            }
            switch (type) {
                case 'Q' -> query(message);
                case 'd' -> copyData(message);
                case 'c' -> copyDone(message);
                default -> far.write(message);
            }
        }

        private void copyData(Buffer message) {
            switch (now) {
                case CUT_MID_COPY_DATA ->
                    far.write(message.getBuffer(0, message.length() / 2)).onComplete(sent -> cut());
                case STALL_MID_COPY_DATA -> stall();
                default -> far.write(message);
            }
        }

        private void copyDone(Buffer message) {
            if (now == Accident.CUT_BEFORE_COPY_DONE) {
                cut();
            } else {
                far.write(failsCopy() ? message('f', "an accident\0") : message);
            }
        }

        private boolean failsCopy() {
            return now == Accident.DISK_FULL
                    || now == Accident.ERROR_SWALLOWED
                    || now == Accident.ERROR_THEN_READY_IN_TRANSACTION;
        }

        private void query(Buffer message) {
            var sql = message.getString(5, message.length() - 1);
            if (sql.startsWith(GROUPS_BEGIN) && next == Accident.CUT_BEFORE_BEGIN) {
                begin();
                cut();
                return;
            }
            if (sql.contains("COPY metrics.")) {
                copying = true;
                begin();
            }
            committing = sql.endsWith("COMMIT");
            if (cutsQuery()) {
                cut();
            } else {
                far.write(message);
            }
        }

        private boolean cutsQuery() {
            return copying && now == Accident.CUT_BEFORE_COPY || committing && now == Accident.CUT_BEFORE_COMMIT;
        }

        private void begin() {
            if (next != Accident.NONE) {
                now = next;
                next = Accident.NONE;
                accidents.incrementAndGet();
            }
        }

        private void fromServer(char type, Buffer message) {
            if (stalled) {
                return;
            }
            if (copying) {
                inCopy(type, message);
            } else if (committing && type == 'C' && message.toString().contains("COMMIT")) {
                afterCommit(message);
            } else {
                pass(message);
            }
        }

        private void afterCommit(Buffer message) {
            switch (now) {
                case CUT_AFTER_COMMIT -> cut();
                case STALL_AFTER_COMMIT -> stall();
                default -> pass(message);
            }
        }

        private void inCopy(char type, Buffer message) {
            switch (type) {
                case 'G' -> copyIn(message);
                case 'E' -> error(message);
                case 'C' -> {
                    // On TimescaleDB a SET goes before the COPY in the same message.
                    if (message.toString().contains("COPY")) {
                        complete(message);
                    } else {
                        pass(message);
                    }
                }
                case 'Z' -> ready(message);
                default -> pass(message);
            }
        }

        private void copyIn(Buffer message) {
            switch (now) {
                case CUT_AT_COPY_IN_RESPONSE -> cut();
                case UNKNOWN_MESSAGE -> pass(Buffer.buffer(message.getBytes()).setByte(0, (byte) 'W'));
                case ABSURD_LENGTH -> pass(Buffer.buffer(message.getBytes()).setInt(1, Integer.MAX_VALUE));
                case NOT_BINARY -> pass(Buffer.buffer(message.getBytes()).setByte(5, (byte) 0));
                default -> pass(message);
            }
        }

        private void error(Buffer message) {
            failed = true;
            if (now == Accident.DISK_FULL) {
                pass(message('E', "SERROR\0VERROR\0C53100\0Mcould not extend file: No space left on device\0\0"));
            } else if (now != Accident.ERROR_SWALLOWED) {
                pass(message);
            }
        }

        private void complete(Buffer message) {
            switch (now) {
                case CUT_AT_COPY_COMPLETE -> cut();
                case STALL_AT_COPY_COMPLETE -> stall();
                case WRONG_COUNT -> pass(message('C', "COPY 0\0"));
                default -> pass(message);
            }
        }

        private void ready(Buffer message) {
            if (now == Accident.CUT_AT_READY_AFTER_COPY) {
                cut();
            } else if (failed && now == Accident.ERROR_THEN_READY_IN_TRANSACTION) {
                pass(message('Z', "T"));
            } else {
                pass(message);
            }
            copying = false;
            if (failed) {
                failed = false;
                now = Accident.NONE;
            }
        }

        private void pass(Buffer message) {
            if (now == Accident.BYTE_BY_BYTE) {
                for (int i = 0; i < message.length(); i++) {
                    near.write(message.getBuffer(i, i + 1));
                }
            } else if (now == Accident.NOISE && copying) {
                near.write(NOISE.copy().appendBuffer(message).appendBuffer(NOISE));
            } else {
                near.write(message);
            }
        }
    }
}
