package org.pganalytics.collector.load;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.collector.OutgoingBatch;

/** The collectors of one event loop. */
final class FleetSlice extends VerticleBase {
    /** @param number of this slice, from 0 @param count how many slices there are */
    record Place(int number, int count) {}

    private final LoadConfig config;
    private final Place place;
    private final LoadShared shared;
    private final TickEncoder encoder;
    private final WorkerExecutor encoding;
    private final LinkMakers links;
    private final List<FleetMember> members = new ArrayList<>();

    FleetSlice(
            LoadConfig config,
            Place place,
            LoadShared shared,
            TickEncoder encoder,
            WorkerExecutor encoding,
            LinkMakers links) {
        this.config = config;
        this.place = place;
        this.shared = shared;
        this.encoder = encoder;
        this.encoding = encoding;
        this.links = links;
    }

    /** Collectors come one after the other, spread over the interval. */
    @Override
    public Future<?> start() {
        var maker = links.forSlice(vertx);
        for (int number = place.number(); number < config.collectors(); number += place.count()) {
            var member = new FleetMember(vertx, config, number, new Maker(), shared, maker, Clock.systemUTC());
            members.add(member);
            long offset = config.interval().toMillis() * number / config.collectors();
            vertx.setTimer(Math.max(1, offset), due -> member.connect());
        }
        return Future.succeededFuture();
    }

    /** Makes no more observations; what is on its way goes on. Safe from any thread. */
    void stopObserving() {
        context.runOnContext(here -> members.forEach(FleetMember::stopObserving));
    }

    /** How many batches still wait for their ack. Safe from any thread. */
    Future<Long> unsettled() {
        return Future.future(counted -> context.runOnContext(here -> counted.complete(
                members.stream().mapToLong(FleetMember::unsettled).sum())));
    }

    @Override
    public Future<?> stop() {
        members.forEach(FleetMember::close);
        return Future.succeededFuture();
    }

    /** Encodes on a worker, then journals. */
    private final class Maker implements SimulatedCollector.Maker {
        @Override
        public Future<EncodedTick> make(SampleSource source, int epoch, long sequence) {
            return encoding.executeBlocking(() -> encoder.encode(source, epoch, sequence), false)
                    .compose(tick -> shared.journal().add(tick.sending()).map(tick));
        }

        @Override
        public OutgoingBatch forgotten(int epoch, long from, long upTo) {
            return encoder.forgotten(epoch, from, upTo);
        }
    }
}
