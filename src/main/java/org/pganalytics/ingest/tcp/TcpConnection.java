package org.pganalytics.ingest.tcp;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSession;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.FrameReader;
import org.pganalytics.wire.Preface;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts frames out of one socket and writes frames to it; what they mean is its {@link Phase}'s business. Runs on one event
 * loop, so its fields need no lock.
 */
final class TcpConnection {
    private static final Logger LOG = LoggerFactory.getLogger(TcpConnection.class);
    private static final FrameCodec CONTROL = new FrameCodec(FrameCodec.CONTROL_BYTES_MAX);
    /** How long a peer may take to read the last answer: a close with bytes unread would destroy it. */
    private static final Duration LINGER = Duration.ofMillis(500);

    private static final int DETAIL_BYTES_MAX = 1_000;

    private final Vertx vertx;
    private final Context context;
    private final NetSocket socket;
    private final TcpDoor.Shared shared;
    private final String address;
    private FrameReader reader;
    private Phase phase;
    private Buffer preface = Buffer.buffer(Preface.BYTES);
    private long phaseBeganNanos;
    private long heardNanos;
    private long frameBeganNanos;
    private long heldReserved;
    private long pings;
    private boolean held;
    private boolean pinged;
    private boolean taking;
    private boolean paused;
    private boolean ended;
    private boolean gone;

    TcpConnection(Vertx vertx, NetSocket socket, TcpDoor.Shared shared) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.socket = socket;
        this.shared = shared;
        this.address = socket.remoteAddress().hostAddress();
        this.reader = new FrameReader(CONTROL);
        this.phase = new Handshake(this, shared);
        this.phaseBeganNanos = now();
        this.heardNanos = phaseBeganNanos;
    }

    void open() {
        socket.setWriteQueueMaxSize(shared.config().writeQueueBytesMax());
        socket.exceptionHandler(broken -> LOG.debug("{} broke: {}", address, broken.getMessage()));
        socket.handler(this::arrived);
    }

    private void arrived(Buffer bytes) {
        if (ended) {
            return;
        }
        heardNanos = now();
        pinged = false;
        try {
            var rest = preface == null ? bytes : afterPreface(bytes);
            if (rest.length() > 0) {
                reader.add(rest);
                takeFrames();
            }
        } catch (FaultException broken) {
            // Whoever does not begin like a collector would not understand a frame either.
            end(broken);
        }
    }

    private Buffer afterPreface(Buffer bytes) {
        int missing = Math.min(Preface.BYTES - preface.length(), bytes.length());
        preface.appendBuffer(bytes, 0, missing);
        if (preface.length() < Preface.BYTES) {
            return Buffer.buffer();
        }
        int version = Preface.parse(preface).choose();
        preface = null;
        socket.write(Preface.answer(version));
        if (version == Preface.NO_VERSION) {
            throw Fault.UNSUPPORTED_VERSION.because("this server speaks version " + Preface.VERSION);
        }
        return bytes.slice(missing, bytes.length());
    }

    /** Takes what has arrived; an answer that comes at once must not start this a second time. */
    private void takeFrames() {
        if (taking) {
            return;
        }
        taking = true;
        try {
            for (var frame = nextFrame(); frame != null; frame = nextFrame()) {
                phase.take(frame);
            }
            account();
        } catch (FaultException broken) {
            end(broken);
        } catch (RuntimeException bug) {
            LOG.error("A frame from {} could not be handled", address, bug);
            end(Fault.INTERNAL.because("the server's log says more"));
        } finally {
            taking = false;
        }
    }

    private Frame nextFrame() {
        return ended || paused ? null : reader.next().orElse(null);
    }

    /** Unfinished frames hold memory, too, and must be finished in time. */
    private void account() {
        long bytes = ended ? 0 : reader.heldBytes();
        if (bytes > heldReserved && !shared.lobby().bytes().reserve(bytes - heldReserved)) {
            throw shared.lobby().bytes().full(bytes - heldReserved);
        }
        if (bytes < heldReserved) {
            shared.lobby().bytes().release(heldReserved - bytes);
        }
        if (bytes == 0 || bytes < heldReserved || !held) {
            frameBeganNanos = now();
        }
        held = bytes > 0;
        heldReserved = bytes;
    }

    /** Reads no further while a step of the handshake is under way. */
    void pause() {
        paused = true;
        socket.pause();
    }

    void resume() {
        paused = false;
        socket.resume();
        takeFrames();
    }

    /** Goes over to the session; nothing may have been sent ahead of WELCOME. */
    void enter(TcpSession session) {
        if (reader.heldBytes() > 0) {
            throw Fault.BAD_FRAME.because("nothing may follow HELLO before WELCOME has arrived");
        }
        reader = new FrameReader(shared.codec());
        phase = session;
        phaseBeganNanos = now();
    }

    void send(Frame frame) {
        if (ended) {
            return;
        }
        if (socket.writeQueueFull()) {
            LOG.debug("{} does not read its answers", address);
            cut(Fault.IDLE_TIMEOUT);
            return;
        }
        socket.write(shared.codec().encode(frame));
    }

    /** Tells the peer why and closes. */
    void end(FaultException why) {
        if (ended) {
            return;
        }
        recordRefusal(why);
        boolean understands = preface == null && !socket.writeQueueFull();
        if (understands && why.fault() != Fault.UNSUPPORTED_VERSION) {
            long wait = why.retryAfter().map(Duration::toMillis).orElse(0L);
            socket.write(shared.codec().encode(new Frame.GoAway(why.fault(), wait, detail(why))));
        }
        over(why.fault(), understands ? LINGER : Duration.ZERO);
    }

    private void recordRefusal(FaultException why) {
        if (why.fault() != Fault.DRAINING) {
            shared.lobby().refusals().refused(address, why);
        }
        if (phase instanceof Handshake && why.fault() != Fault.CERTIFICATE_REFUSED) {
            shared.corridor().bus().publish(new Event.StrangerRefused(address, why.fault()));
        }
    }

    /** Closes without a word. @param why null when the peer wanted it */
    void cut(Fault why) {
        over(why, Duration.ZERO);
    }

    private void over(Fault why, Duration linger) {
        if (ended) {
            return;
        }
        ended = true;
        shared.lobby().bytes().release(heldReserved);
        heldReserved = 0;
        phase.closed(why);
        if (gone || linger.isZero()) {
            socket.close();
            return;
        }
        socket.handler(late -> {});
        socket.resume();
        vertx.setTimer(linger.toMillis(), late -> socket.close());
    }

    /** The socket is closed, by whomever. */
    void closed() {
        gone = true;
        cut(null);
    }

    static String detail(FaultException why) {
        var detail = why.detail();
        boolean fits = detail.getBytes(StandardCharsets.UTF_8).length <= DETAIL_BYTES_MAX;
        return fits ? detail : detail.substring(0, DETAIL_BYTES_MAX / 4);
    }

    void tick() {
        if (ended) {
            return;
        }
        var silence = since(heardNanos);
        var idleTime = shared.config().idleTime();
        boolean stuck = held && since(frameBeganNanos).compareTo(idleTime) > 0;
        if (phase instanceof Handshake
                && since(phaseBeganNanos).compareTo(shared.config().handshakeTime()) > 0) {
            end(Fault.HANDSHAKE_TIMEOUT.because("introduce yourself within %d ms"
                    .formatted(shared.config().handshakeTime().toMillis())));
        } else if (stuck || silence.compareTo(idleTime) > 0) {
            end(Fault.IDLE_TIMEOUT.because(
                    (stuck ? "a frame was not finished within %d ms" : "nothing was heard for %d ms")
                            .formatted(idleTime.toMillis())));
        } else {
            pingWhenQuiet(silence.compareTo(idleTime.dividedBy(2)) > 0);
            phase.tick(since(phaseBeganNanos));
        }
    }

    private void pingWhenQuiet(boolean quiet) {
        if (quiet && !pinged && phase instanceof TcpSession) {
            pinged = true;
            send(new Frame.Ping(++pings));
        }
    }

    void drain() {
        if (!ended) {
            phase.drain();
        }
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(now() - nanos);
    }

    private long now() {
        return shared.lobby().nanoClock().getAsLong();
    }

    String address() {
        return address;
    }

    /** Null without TLS. */
    SSLSession tls() {
        return socket.sslSession();
    }

    Context context() {
        return context;
    }

    Vertx vertx() {
        return vertx;
    }

    boolean ended() {
        return ended;
    }
}
