package org.pganalytics.ingest.v3;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.ingest.Lobby;
import org.pganalytics.ingest.http.BodyReading;
import org.pganalytics.ingest.http.ClientAddress;
import org.pganalytics.model.CollectorPrincipal;

/**
 * Pushes that are sent again after a 401. A version 3 collector labels the same JSON falsely as packed then, and drops
 * its data with any answer but 200. So one that cannot be taken now is held until it can be, within limits, and then cut
 * off, which is no answer. Safe to share between event loops.
 */
public final class Repetitions {
    private static final long PAUSE_MILLIS = 500;

    private final V3Config config;
    private final Bus bus;
    private final Lobby lobby;
    private final V3Meters meters;
    private final AtomicInteger held = new AtomicInteger();

    Repetitions(V3Config config, Bus bus, Lobby lobby, V3Meters meters) {
        this.config = config;
        this.bus = bus;
        this.lobby = lobby;
        this.meters = meters;
        meters.retriesHeld(held);
    }

    static boolean isLabelled(RoutingContext ctx) {
        return ctx.request().headers().contains(HttpHeaders.CONTENT_ENCODING);
    }

    private static boolean isOne(RoutingContext ctx, BodyReading body) {
        return isLabelled(ctx) && body.isV3();
    }

    /**
     * Lets a sender in, whatever it sends; a repetition whose sender cannot be told for now waits until it can.
     *
     * @param attempt asks who it is
     */
    public Future<CollectorPrincipal> signIn(
            RoutingContext ctx, BodyReading body, Supplier<Future<CollectorPrincipal>> attempt) {
        return isLabelled(ctx)
                ? body.start().compose(start -> isOne(ctx, body) ? hold(ctx, body, attempt) : attempt.get())
                : attempt.get();
    }

    private Future<CollectorPrincipal> hold(
            RoutingContext ctx, BodyReading body, Supplier<Future<CollectorPrincipal>> attempt) {
        if (held.incrementAndGet() > config.retriesHeldMax()) {
            held.decrementAndGet();
            return attempt.get();
        }
        body.relax(config.bodyBytesMax(), config.pushTime());
        var waiting = new Waiting(ctx, attempt);
        return waiting.begin().onComplete(told -> held.decrementAndGet());
    }

    /** One that is held. On one event loop. */
    private final class Waiting {
        private final RoutingContext ctx;
        private final Supplier<Future<CollectorPrincipal>> attempt;
        private final Promise<CollectorPrincipal> told = Promise.promise();
        private Throwable why = Fault.STORE_DOWN.because("the database did not say in time whose token this is");

        private Waiting(RoutingContext ctx, Supplier<Future<CollectorPrincipal>> attempt) {
            this.ctx = ctx;
            this.attempt = attempt;
        }

        private Future<CollectorPrincipal> begin() {
            // An attempt may hang as long as the database does.
            var limit = ctx.vertx().timer(Math.max(1, config.retryWait().toMillis()), TimeUnit.MILLISECONDS);
            limit.onSuccess(late -> told.tryFail(why));
            ask();
            return told.future().onComplete(over -> limit.cancel());
        }

        private void ask() {
            attempt.get().onSuccess(told::tryComplete).onFailure(this::again);
        }

        private void again(Throwable failure) {
            why = failure;
            if (!Fault.of(failure).retryable() || ctx.response().closed()) {
                told.tryFail(failure);
            } else if (!told.future().isComplete()) {
                meters.delayed(1);
                ctx.vertx().timer(PAUSE_MILLIS, TimeUnit.MILLISECONDS).onSuccess(waited -> ask());
            }
        }
    }

    /**
     * Answers a push with a failure, unless it is a repetition that could be sent again: that one is cut off, so that its
     * sender keeps its data. Behind a balancer, who then answers in our place, they are lost all the same, and said to be.
     */
    public void refuse(RoutingContext ctx, BodyReading body, ClientAddress addresses, Throwable failure) {
        if (!isOne(ctx, body)) {
            ctx.fail(failure);
            return;
        }
        var fault = Fault.of(failure);
        boolean answered = !fault.retryable() || addresses.isBalanced(ctx);
        meters.retryRefused(fault, answered);
        if (!answered) {
            tell(addresses.of(ctx), failure, "a repeated push was cut off, its collector keeps the data");
            ctx.request().connection().close();
            return;
        }
        if (fault.retryable()) {
            tell(addresses.of(ctx), failure, "a repeated push was refused, its data are lost");
            bus.publish(new Event.PushLost(addresses.of(ctx), fault));
        }
        ctx.fail(failure);
    }

    private void tell(String sender, Throwable failure, String what) {
        var detail = failure instanceof FaultException known ? known.detail() : "a bug of the server";
        lobby.refusals().refused(sender, Fault.of(failure).because(what + ": " + detail, failure));
    }
}
