package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.Frame;

/**
 * One connection of the native protocol: signs in, sends what its source gives within the server's window, goes back when
 * asked, renews its token, and ends. Used once; lives on the event loop that {@link #run} was called on.
 */
public final class TcpLink implements Link {
    private final Vertx vertx;
    private final NetClient client;
    private final SocketAddress server;
    private final LinkConfig config;
    private final BatchSource source;
    private final TcpSignIn signIn;
    private final SendWindow sending;
    private final BackOff pauses;
    private final Promise<LinkEnd> ended = Promise.promise();
    private final Map<Class<?>, Consumer<Frame>> handlers = new HashMap<>();
    private final Set<Long> declared = new HashSet<>();
    private FrameSocket socket;
    private Optional<TcpPull> pull = Optional.empty();
    private int epoch;
    private boolean closing;
    private long ticker = -1;
    private long progressAtNanos;
    private long nonce;

    public TcpLink(
            Vertx vertx,
            NetClient client,
            SocketAddress server,
            LinkConfig config,
            Credentials credentials,
            BatchSource source,
            Clock clock) {
        this.vertx = vertx;
        this.client = client;
        this.server = server;
        this.config = config;
        this.source = source;
        this.signIn = new TcpSignIn(credentials, source, clock, new Wire());
        this.sending =
                new SendWindow(source, config.inFlightMax(), () -> socket.isWritable(), this::send, this::giveUp);
        this.pauses = new BackOff(config.retryFirst(), config.retryMax(), ThreadLocalRandom.current());
        on(Frame.Registered.class, signIn::registered);
        on(Frame.TokenGranted.class, signIn::renewed);
        on(Frame.Welcome.class, this::welcomed);
        on(Frame.Ack.class, this::acked);
        on(Frame.Nack.class, this::refused);
        on(Frame.Throttle.class, this::throttled);
        on(Frame.Ping.class, ping -> socket.write(new Frame.Pong(ping.nonce())));
        on(Frame.Pong.class, pong -> {});
        on(Frame.GoAway.class, this::sentAway);
    }

    private <F extends Frame> void on(Class<F> type, Consumer<F> handler) {
        handlers.put(type, frame -> handler.accept(type.cast(frame)));
    }

    /** Asks for the server's configuration, too. */
    TcpLink pulling(ServedConfig served) {
        var asking = new TcpPull(vertx, served, frame -> socket.write(frame));
        on(Frame.Config.class, asking::answered);
        on(Frame.ConfigChanged.class, asking::changed);
        pull = Optional.of(asking);
        return this;
    }

    @Override
    public String address() {
        return "tcp://" + server.host() + ":" + server.port();
    }

    @Override
    public Future<LinkEnd> run() {
        if (!signIn.begins()) {
            return Future.succeededFuture(SignIn.nothingToShow());
        }
        connect();
        return ended.future();
    }

    private void connect() {
        client.connect(server)
                .onSuccess(this::connected)
                .onFailure(failure -> end(LinkEnd.cut("no connection: " + FailureText.of(failure), false)));
    }

    @Override
    public void close() {
        end(LinkEnd.cut("closed by the collector", epoch > 0));
    }

    private void connected(NetSocket opened) {
        if (closing) {
            opened.close();
            return;
        }
        socket = new FrameSocket(opened, this::handle, this::giveUp);
        socket.onWritable(sending::pump);
        progressAtNanos = System.nanoTime();
        ticker = vertx.setPeriodic(config.pingEvery().toMillis(), tick -> tick());
        signIn.connected();
    }

    private void handle(Frame frame) {
        var handler = handlers.get(frame.getClass());
        if (handler == null) {
            throw Fault.BAD_FRAME.because(
                    "a server does not send " + frame.getClass().getSimpleName());
        }
        handler.accept(frame);
    }

    private void welcomed(Frame.Welcome frame) {
        source.welcome(new BatchSource.Welcomed(
                        frame.epoch(), frame.mark(), frame.bodyBytesMax(), frame.uncompressedBytesMax()))
                .onSuccess(course -> begin(course, frame))
                .onFailure(this::giveUp);
    }

    private void begin(BatchSource.Course course, Frame.Welcome frame) {
        if (course == BatchSource.Course.NEW_INSTANCE) {
            end(LinkEnd.cut("the server is ahead of this spool, which becomes a new instance", true));
        } else if (!closing) {
            epoch = frame.epoch();
            progressAtNanos = System.nanoTime();
            sending.open(frame.mark(), frame.window());
            pull.ifPresent(TcpPull::begin);
        }
    }

    private void acked(Frame.Ack frame) {
        if (frame.epoch() != epoch) {
            return;
        }
        sending.window(frame.window());
        if (sending.settled(frame.sequence())) {
            progressAtNanos = System.nanoTime();
            pauses.reset();
        }
        sending.pump();
    }

    private void refused(Frame.Nack frame) {
        if (frame.epoch() != epoch) {
            return;
        }
        source.refused(frame.sequence(), frame.fault(), frame.detail());
        if (frame.fault().settles()) {
            sending.settled(frame.expected() > 0 ? frame.expected() - 1 : frame.sequence());
            progressAtNanos = System.nanoTime();
            sending.pump();
        } else if (frame.fault().retryable()) {
            goBack(frame);
        } else {
            end(LinkEnd.refused(frame.fault(), frame.detail(), Duration.ofMillis(frame.retryAfterMillis()), true));
        }
    }

    private void goBack(Frame.Nack frame) {
        long expected = frame.expected() > 0 ? frame.expected() : sending.settledUpTo() + 1;
        if (!sending.goBack(expected)) {
            end(LinkEnd.cut(
                    "the server waits for batch %d, which is settled or was never sent".formatted(expected), true));
            return;
        }
        var asked = Duration.ofMillis(frame.retryAfterMillis());
        var wait = frame.fault() == Fault.POSITION_GAP && asked.isZero() ? asked : pauses.next(asked);
        vertx.setTimer(Math.max(1, wait.toMillis()), due -> {
            progressAtNanos = System.nanoTime();
            sending.resume();
        });
    }

    private void throttled(Frame.Throttle frame) {
        sending.window(frame.window());
        sending.pump();
    }

    private void sentAway(Frame.GoAway frame) {
        end(LinkEnd.refused(frame.fault(), frame.detail(), Duration.ofMillis(frame.retryAfterMillis()), epoch > 0));
    }

    private void send(OutgoingBatch batch) {
        if (!sending.isOwed()) {
            progressAtNanos = System.nanoTime();
        }
        for (var schema : batch.schemas()) {
            if (declared.add(schema.fingerprint())) {
                socket.write(new Frame.Schema(schema));
            }
        }
        socket.write(new Frame.BatchFrame(batch.header(), batch.body()));
    }

    private void tick() {
        long now = System.nanoTime();
        if (now - socket.heardAtNanos() > config.silenceMax().toNanos()) {
            end(LinkEnd.cut("the server said nothing for " + config.silenceMax(), epoch > 0));
        } else if ((epoch == 0 || sending.isOwed())
                && now - progressAtNanos > config.answerTimeout().toNanos()) {
            end(LinkEnd.cut("the server owed an answer for " + config.answerTimeout(), epoch > 0));
        } else if (epoch > 0) {
            socket.write(new Frame.Ping(++nonce));
            signIn.renewIfDue();
        }
    }

    private void giveUp(Throwable failure) {
        end(LinkEnd.of(failure, epoch > 0));
    }

    private void end(LinkEnd how) {
        if (closing) {
            return;
        }
        closing = true;
        pull.ifPresent(TcpPull::close);
        sending.close();
        vertx.cancelTimer(ticker);
        if (socket != null) {
            socket.close();
        }
        signIn.after(how).onComplete(put -> ended.tryComplete(put.succeeded() ? put.result() : how));
    }

    /** What signing in does with this connection. */
    private final class Wire implements TcpSignIn.Wire {
        @Override
        public void write(Frame frame) {
            socket.write(frame);
        }

        @Override
        public void connectAnew() {
            if (!closing) {
                vertx.cancelTimer(ticker);
                socket.close();
                connect();
            }
        }

        @Override
        public void giveUp(Throwable failure) {
            TcpLink.this.giveUp(failure);
        }
    }
}
