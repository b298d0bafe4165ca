package org.pganalytics.storage;

import io.vertx.core.Future;
import java.util.List;
import java.util.Objects;
import org.pganalytics.fault.FaultException;

/** Does what can be done before the transaction, so that no lock is held while thinking: checks, ids, rows as bytes. */
final class Preparation {
    private final BlockEncoding encoding;
    private final Tables tables;
    private final SecondsTable seconds;
    private final Answers answers;

    Preparation(BlockEncoding encoding, Tables tables, SecondsTable seconds, Answers answers) {
        this.encoding = encoding;
        this.tables = tables;
        this.seconds = seconds;
        this.answers = answers;
    }

    /** Completes always, with what is ready; what is not has been refused, for a later try. */
    Future<List<Work>> prepare(List<Pending> batches) {
        var works = batches.stream().map(this::prepare).toList();
        return Future.join(works)
                .transform(joined -> Future.succeededFuture(works.stream()
                        .map(Future::result)
                        .filter(Objects::nonNull)
                        .toList()));
    }

    private Future<Work> prepare(Pending pending) {
        var batch = pending.batch();
        return seconds(pending)
                .compose(ready -> encoding.encode(batch.collector(), batch.content()))
                .map(blocks -> new Work(pending, blocks, null))
                .recover(failure ->
                        failure instanceof FaultException known && known.fault().settles()
                                ? Future.succeededFuture(new Work(pending, List.of(), known))
                                : Future.failedFuture(failure))
                .onFailure(failure -> answers.refuse(
                        pending, failure instanceof FaultException known ? known : BlockEncoding.refusal(failure)));
    }

    private Future<Void> seconds(Pending pending) {
        return pending.key() instanceof Pending.Part part
                ? seconds.ensure(part, tables.generation())
                : Future.succeededFuture();
    }
}
