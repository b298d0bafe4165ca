package org.pganalytics.storage;

import static org.pganalytics.storage.Samples.batch;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Receipt;

/** A collector as it should be: sends each number until it is settled, the same bytes each time, to servers in turn. */
final class Sender {
    private final List<Store> stores;
    private final UUID collector;
    private final Promise<Long> done = Promise.promise();
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile boolean stopping;
    private int turn;

    Sender(List<Store> stores, UUID collector) {
        this.stores = stores;
        this.collector = collector;
        send(make(1));
    }

    /** Sends no new number. @return the last one acknowledged, when it is */
    Future<Long> stop() {
        stopping = true;
        return done.future();
    }

    UUID collector() {
        return collector;
    }

    private Batch make(long sequence) {
        return batch(
                collector,
                new BatchPosition(1, sequence, sequence),
                List.of(Samples.rows(sequence, 100), Samples.others(sequence)));
    }

    private void send(Batch batch) {
        stores.get(turn++ % stores.size())
                .send(batch)
                .onSuccess(receipt -> settled(batch, receipt))
                .onFailure(failure -> again(batch, failure));
    }

    private void settled(Batch batch, Receipt receipt) {
        if (receipt.outcome() == Receipt.Outcome.QUARANTINED
                || receipt.mark() < batch.number().sequence()) {
            done.tryFail("batch %s: %s".formatted(batch.number(), receipt));
            return;
        }
        acknowledged.set(batch.number().sequence());
        if (stopping) {
            done.tryComplete(acknowledged.get());
        } else {
            send(make(batch.number().sequence() + 1));
        }
    }

    private void again(Batch batch, Throwable failure) {
        if (failure instanceof FaultException refused && refused.fault().retryable()) {
            stores.get(0).vertx.timer(50, TimeUnit.MILLISECONDS).onSuccess(due -> send(batch));
        } else {
            done.tryFail(failure);
        }
    }
}
