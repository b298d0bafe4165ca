package org.pganalytics.ingest.v3;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.Corridor;
import org.pganalytics.ingest.Lobby;
import org.pganalytics.ingest.http.BodyReading;
import org.pganalytics.ingest.http.Hold;
import org.pganalytics.ingest.http.Unpacking;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.wire.v3.Layout;
import org.pganalytics.wire.v3.V3Push;

/** Takes the pushes of version 3 collectors. One for the server; safe to share between event loops. */
public final class V3Pushes {
    private static final long TURN_PAUSE_MILLIS = 100;
    private static final int SNIFFED_BYTES = 256;

    private final V3Config config;
    private final Layout layout;
    private final Corridor corridor;
    private final Lobby lobby;
    private final V3Meters meters;
    private final Repetitions repetitions;
    private final Clock clock;
    private final Set<UUID> pushing = ConcurrentHashMap.newKeySet();

    public V3Pushes(
            V3Config config, Layout layout, Corridor corridor, Lobby lobby, MeterRegistry registry, Clock clock) {
        this.config = config;
        this.layout = layout;
        this.corridor = corridor;
        this.lobby = lobby;
        this.meters = new V3Meters(registry);
        this.repetitions = new Repetitions(config, corridor.bus(), lobby, meters);
        this.clock = clock;
    }

    /** A packed body of JSON that turned out to be a push of version 3. @param unpacked from its begin */
    public record Unpacked(InputStream unpacked) {
        /** What unpacks zstd is memory that Java does not see. */
        void close() {
            try {
                unpacked.close();
            } catch (IOException impossible) {
                throw new IllegalStateException("bytes in memory can be let go of", impossible);
            }
        }
    }

    /** Looks into a packed body; empty when it is none of version 3. For a worker. */
    public static Optional<Unpacked> look(Buffer packed) {
        try (var in = Unpacking.open(packed)) {
            if (!V3Push.isV3(in.readNBytes(SNIFFED_BYTES))) {
                return Optional.empty();
            }
            return Optional.of(new Unpacked(Unpacking.open(packed)));
        } catch (IOException broken) {
            return Optional.empty();
        }
    }

    public Repetitions repetitions() {
        return repetitions;
    }

    /** JSON as it arrives. */
    public Future<JsonObject> arriving(RoutingContext ctx, CollectorPrincipal principal, BodyReading body, Hold hold) {
        body.relax(config.bodyBytesMax(), config.pushTime());
        var wait = Repetitions.isLabelled(ctx) ? config.retryWait() : config.overloadWait();
        return push(ctx, new Taken(principal, Pieces.arriving(body, lobby.decoder()), hold, wait));
    }

    /** JSON that was packed as a whole. */
    public Future<JsonObject> packed(RoutingContext ctx, CollectorPrincipal principal, Unpacked found, Hold hold) {
        var pieces = Pieces.packed(found.unpacked(), config.bodyBytesMax(), lobby.decoder());
        return push(ctx, new Taken(principal, pieces, hold, config.overloadWait()))
                .onComplete(over -> found.close());
    }

    /** The binary form, complete. */
    Future<JsonObject> binary(RoutingContext ctx, CollectorPrincipal principal, Buffer body, Hold hold) {
        var pieces = Pieces.binary(body, config.bodyBytesMax(), lobby.decoder());
        return push(ctx, new Taken(principal, pieces, hold, config.overloadWait()));
    }

    /** A push that is let in. @param patience how long it waits for room, at a time */
    private record Taken(CollectorPrincipal principal, Pieces pieces, Hold hold, Duration patience) {}

    private Future<JsonObject> push(RoutingContext ctx, Taken taken) {
        var collector = taken.principal().collector();
        var sender = new V3Push.Sender(
                collector, taken.principal().name(), clock.instant().getEpochSecond());
        var around = new V3Run.Surroundings(
                ctx.vertx(),
                corridor.intake(),
                lobby.decoder(),
                meters,
                lobby.nanoClock(),
                taken.patience().toNanos());
        return turn(ctx, collector, taken.patience())
                .compose(mine -> new V3Run(around, new V3Push(layout, sender), taken.pieces(), taken.hold())
                        .run()
                        .onComplete(over -> pushing.remove(collector)))
                .map(answer -> answer.put("collector_id", collector.toString()))
                .onSuccess(answer -> corridor.bus().publish(new Event.PushTaken(collector)))
                .onFailure(failure -> {
                    if (failure instanceof FaultException refusal) {
                        lobby.refusals().refused(collector.toString(), refusal);
                    }
                });
    }

    /** One push of a collector at a time. The one before may be of a connection that was cut: it ends soon. */
    private Future<Void> turn(RoutingContext ctx, UUID collector, Duration wait) {
        if (pushing.add(collector)) {
            return Future.succeededFuture();
        }
        Promise<Void> mine = Promise.promise();
        long end = lobby.nanoClock().getAsLong() + wait.toNanos();
        ctx.vertx().setPeriodic(TURN_PAUSE_MILLIS, timer -> {
            boolean got = pushing.add(collector);
            if (got || lobby.nanoClock().getAsLong() > end) {
                ctx.vertx().cancelTimer(timer);
                if (got) {
                    mine.complete();
                } else {
                    mine.fail(Fault.RATE_LIMITED.because("another push of this collector is under way"));
                }
            }
        });
        return mine.future();
    }
}
