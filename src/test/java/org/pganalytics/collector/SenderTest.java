package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pganalytics.fault.Fault;

/** After which refusals the next server is tried. */
class SenderTest {
    private static Link link(Runnable onRun, Fault refusal) {
        return new Link() {
            @Override
            public String address() {
                return "tcp://there:1";
            }

            @Override
            public Future<LinkEnd> run() {
                onRun.run();
                return Future.succeededFuture(LinkEnd.refused(refusal, "no", Duration.ZERO, false));
            }

            @Override
            public void close() {}
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"CERTIFICATE_REFUSED", "DRAINING", "OVERLOADED", "NOT_FOUND"})
    void whatOneServerRefusesTheNextMayTake(Fault refusal) {
        var vertx = Vertx.vertx();
        var second = new AtomicBoolean();
        var sender = new Sender(
                vertx,
                List.of(() -> link(() -> {}, refusal), () -> link(() -> second.set(true), refusal)),
                new BackOff(Duration.ofMillis(10), Duration.ofMillis(20), new Random(1)),
                Duration.ofMinutes(5),
                end -> {});
        vertx.getOrCreateContext().runOnContext(go -> sender.start());
        Waiting.until(second::get);
        Waiting.on(vertx.getOrCreateContext().executeBlocking(() -> sender.stop()));
        Waiting.on(vertx.close());
    }
}
