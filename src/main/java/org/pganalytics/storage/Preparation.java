package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchPosition;

/** Does what can be done before the transaction, so that no lock is held while thinking: checks, ids, rows as bytes. */
final class Preparation {
    private final BlockEncoding encoding;
    private final Tables tables;
    private final SecondsTable seconds;
    private final WorkerExecutor worker;
    private final Answers answers;

    /** @param worker makes the bodies of version 3 batches for the quarantine */
    Preparation(BlockEncoding encoding, Tables tables, SecondsTable seconds, WorkerExecutor worker, Answers answers) {
        this.encoding = encoding;
        this.tables = tables;
        this.seconds = seconds;
        this.worker = worker;
        this.answers = answers;
    }

    /** Completes always, with what is ready; what is not has been refused, for a later try. */
    Future<List<Work>> prepare(List<Pending> batches) {
        var ready = batches.stream().map(this::ready).toList();
        return Future.join(ready).transform(all -> {
            // In their order, however long each took: what is folded of a batch builds on those before it.
            var works = IntStream.range(0, batches.size())
                    .mapToObj(at -> prepare(batches.get(at), ready.get(at)))
                    .toList();
            return Future.join(works)
                    .transform(joined -> Future.succeededFuture(works.stream()
                            .map(Future::result)
                            .filter(Objects::nonNull)
                            .toList()));
        });
    }

    private Future<BlockEncoding.Ready> ready(Pending pending) {
        var batch = pending.batch();
        return seconds(pending).compose(ready -> encoding.ready(batch.collector(), batch.content()));
    }

    private Future<Work> prepare(Pending pending, Future<BlockEncoding.Ready> ready) {
        return ready.map(blocks ->
                        Work.of(pending, encoding.encode(pending.batch().position(), blocks)))
                .recover(failure ->
                        failure instanceof FaultException known && known.fault().settles()
                                ? refused(pending, known)
                                : Future.failedFuture(failure))
                .onFailure(failure -> answers.refuse(
                        pending, failure instanceof FaultException known ? known : BlockEncoding.refusal(failure)));
    }

    /** A batch whose content is refused for ever. */
    Future<Work> refused(Pending pending, FaultException why) {
        var batch = pending.batch();
        var body = batch.position() instanceof BatchPosition
                ? Future.succeededFuture(KeptBody.of(batch))
                : worker.executeBlocking(() -> KeptBody.make(batch), false);
        return body.map(kept -> new Work(pending, List.of(), why, kept));
    }

    private Future<Void> seconds(Pending pending) {
        return pending.key() instanceof Pending.Part part
                ? seconds.ensure(part, tables.generation())
                : Future.succeededFuture();
    }
}
