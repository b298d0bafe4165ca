package org.pganalytics.collector.load;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.collector.load.FakeServer.Account;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchDecoder;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;
import org.pganalytics.wire.WireLimits;

/** One connection to the {@link FakeServer}. */
final class FakeSession {
    private static final int EPOCH = 1;
    private static final int WINDOW = 4;
    private static final int RETRY_MILLIS = 10;

    private final Vertx vertx;
    private final NetSocket socket;
    private final FakeServer server;
    private final FrameCodec codec = new FrameCodec(1 << 26);
    private final FrameReader reader = new FrameReader(codec);
    private final BatchDecoder decoder = new BatchDecoder(WireLimits.standard());
    private final Map<Long, FamilySchema> schemas = new HashMap<>();
    private Buffer preface = Buffer.buffer();
    private Account account;
    private boolean waiting;
    private boolean over;

    FakeSession(Vertx vertx, NetSocket socket, FakeServer server) {
        this.vertx = vertx;
        this.socket = socket;
        this.server = server;
        socket.handler(this::received);
    }

    private void received(Buffer bytes) {
        if (preface.length() < Preface.BYTES) {
            preface.appendBuffer(bytes);
            if (preface.length() < Preface.BYTES) {
                return;
            }
            socket.write(Preface.answer(Preface.VERSION));
            reader.add(preface.getBuffer(Preface.BYTES, preface.length()));
        } else {
            reader.add(bytes);
        }
        for (var frame = reader.next(); frame.isPresent() && !over; frame = reader.next()) {
            take(frame.get());
        }
    }

    private void take(Frame frame) {
        if (frame instanceof Frame.Register register) {
            register(register);
        } else if (frame instanceof Frame.Hello hello) {
            welcome(hello);
        } else if (frame instanceof Frame.Schema schema) {
            schemas.put(schema.schema().fingerprint(), schema.schema());
        } else if (frame instanceof Frame.BatchFrame batch) {
            take(batch);
        } else if (frame instanceof Frame.Ping ping) {
            write(new Frame.Pong(ping.nonce()));
        }
    }

    private void register(Frame.Register register) {
        if (!register.secret().equals(FakeServer.SECRET)) {
            write(new Frame.GoAway(Fault.UNAUTHENTICATED, 0, "the registration secret is not known"));
            close();
            return;
        }
        var collector = UUID.randomUUID();
        server.accounts.put(collector, new Account());
        write(new Frame.Registered(collector, collector.toString(), "refresh", 3_600_000));
    }

    private void welcome(Frame.Hello hello) {
        account = server.accounts.get(UUID.fromString(hello.token()));
        write(new Frame.Welcome(
                UUID.randomUUID(), EPOCH, account.mark(), WINDOW, 1 << 26, 1 << 26, 30_000, hello.clockMicros()));
    }

    private void take(Frame.BatchFrame batch) {
        var position = batch.header().position();
        if (!account.knows(position.sequence(), batch.header().digest())) {
            server.complaints.add("batch %d came again with another body".formatted(position.sequence()));
        }
        if (position.sequence() <= account.mark()) {
            ack();
            return;
        }
        if (position.coversFrom() > account.mark() + 1) {
            if (!waiting) {
                server.complaints.add("batch %d came after %d".formatted(position.sequence(), account.mark()));
            }
            return;
        }
        waiting = false;
        settle(batch);
    }

    private void settle(Frame.BatchFrame batch) {
        var next = server.accidentOfNext();
        switch (next) {
            case CUT_BEFORE_STORING -> close();
            case REFUSED_FOR_NOW -> {
                waiting = true;
                refuse(batch, Fault.OVERLOADED);
            }
            case REFUSED_FOR_EVER -> {
                account.settle(batch.header().position().sequence());
                refuse(batch, Fault.BAD_DATA);
            }
            default -> {
                server.store(account, batch, decoder.decode(batch.header(), batch.body(), schemas::get));
                answer(next);
            }
        }
    }

    private void answer(FakeServer.Accident accident) {
        if (accident == FakeServer.Accident.CUT_BEFORE_ACK) {
            close();
            return;
        }
        ack();
        if (accident == FakeServer.Accident.THROTTLED) {
            write(new Frame.Throttle(0, RETRY_MILLIS));
            vertx.setTimer(RETRY_MILLIS, over -> write(new Frame.Throttle(WINDOW, 0)));
        } else if (accident == FakeServer.Accident.SENT_AWAY) {
            write(new Frame.GoAway(Fault.DRAINING, RETRY_MILLIS, "going down"));
            close();
        }
    }

    private void refuse(Frame.BatchFrame batch, Fault fault) {
        long expected = account.mark() + 1;
        write(new Frame.Nack(
                EPOCH, batch.header().position().sequence(), fault, RETRY_MILLIS, expected, "an accident"));
    }

    private void close() {
        over = true;
        socket.close();
    }

    private void ack() {
        write(new Frame.Ack(EPOCH, account.mark(), WINDOW));
    }

    private void write(Frame frame) {
        socket.write(codec.encode(frame));
    }
}
