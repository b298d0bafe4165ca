package org.pganalytics.identity.sealed;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.function.Supplier;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.KeyRing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals anew, a portion after the other, what is under keys that seal no longer. What is to be done stands in the values
 * themselves, so that any server goes on where one has died, and several do it together.
 */
public final class RewrapVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(RewrapVerticle.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);
    /** Between two portions: whoever signs in goes first. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final SealedValues values;
    private final Envelope envelope;
    private final Supplier<KeyRing> rings;
    private long timer = -1;
    private long rewrapped;
    private String told = "";
    private boolean stopping;
    private boolean turning;

    public RewrapVerticle(SealedValues values, Envelope envelope, Supplier<KeyRing> rings) {
        this.values = values;
        this.envelope = envelope;
        this.rings = rings;
    }

    @Override
    public Future<?> start() {
        later(Duration.ofMillis(1));
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        vertx.cancelTimer(timer);
        return Future.succeededFuture();
    }

    /** Now, the ring being another. On any thread. */
    public void look() {
        context.runOnContext(now -> {
            if (!turning) {
                vertx.cancelTimer(timer);
                later(Duration.ofMillis(1));
            }
        });
    }

    private void later(Duration wait) {
        if (!stopping) {
            timer = vertx.setTimer(wait.toMillis(), due -> turn());
        }
    }

    private void turn() {
        var ring = rings.get();
        if (ring.older().isEmpty()) {
            later(LOOK_EVERY);
            return;
        }
        turning = true;
        Future.<Void>succeededFuture()
                .compose(begin -> values.rewrap(envelope, ring))
                .compose(count -> count == 0 ? proven(ring) : counted(count))
                .onFailure(failure -> LOG.warn(
                        "sealed values could not be sealed anew under the key {}: {}",
                        ring.current(),
                        failure.getMessage()))
                .onComplete(done -> {
                    turning = false;
                    later(done.succeeded() && done.result() ? PAUSE : LOOK_EVERY);
                });
    }

    /** More may be there. */
    private Future<Boolean> counted(int count) {
        rewrapped += count;
        return Future.succeededFuture(true);
    }

    /** That no value is under another key any more is told by whoever finds it so first, also after a server has died. */
    private Future<Boolean> proven(KeyRing ring) {
        if (rewrapped == 0 && ring.current().equals(told)) {
            return Future.succeededFuture(false);
        }
        return values.countByKey()
                .compose(counts -> ring.older().stream().anyMatch(counts::containsKey)
                        ? Future.<Void>succeededFuture()
                        : values.tellEnd(ring, rewrapped, counts).onSuccess(done -> end(ring)))
                .map(false);
    }

    private void end(KeyRing ring) {
        LOG.info("no value is sealed under {} any more; this server sealed {} anew", ring.older(), rewrapped);
        told = ring.current();
        rewrapped = 0;
    }
}
