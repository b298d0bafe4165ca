package org.pganalytics.ingest;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.BatchDecoder;
import org.pganalytics.wire.Frame;

/** Decodes bodies where it does not hold up others: small ones at once, large ones on a worker. One for the server. */
public final class BodyDecoder {
    private final BatchDecoder decoder;
    private final WorkerExecutor worker;
    private final int inlineBytesMax;

    public BodyDecoder(Vertx vertx, IngestConfig config) {
        this.decoder = new BatchDecoder(config.wireLimits());
        this.inlineBytesMax = config.decodeInlineBytesMax();
        this.worker =
                vertx.createSharedWorkerExecutor("pganalytics-decode", config.decodeThreads(), 60, TimeUnit.SECONDS);
    }

    /**
     * Never fails for what the sender did: a body that no resend can mend is content, too.
     *
     * @param refusal asked when the body's turn has come; it is not decoded but fails with that
     */
    public Future<BatchContent> decode(
            Frame.BatchFrame frame, LongFunction<FamilySchema> schemas, Supplier<Optional<FaultException>> refusal) {
        if (frame.header().uncompressedBytes() <= inlineBytesMax && frame.body().length() <= inlineBytesMax) {
            return Future.succeededFuture(unlessRefused(frame, schemas, refusal));
        }
        return worker.executeBlocking(() -> unlessRefused(frame, schemas, refusal), false);
    }

    /** To be called on a worker, unless the body is small. Fails with the refusal, when there is one. */
    public BatchContent unlessRefused(
            Frame.BatchFrame frame, LongFunction<FamilySchema> schemas, Supplier<Optional<FaultException>> refusal) {
        var why = refusal.get();
        if (why.isPresent()) {
            throw why.get();
        }
        return content(frame, schemas);
    }

    /** Runs other heavy work on bodies where decoding runs. */
    public <T> Future<T> onWorker(Callable<T> work) {
        return worker.executeBlocking(work, false);
    }

    /** To be called on a worker, unless the body is small. */
    public BatchContent content(Frame.BatchFrame frame, LongFunction<FamilySchema> schemas) {
        try {
            return new BatchContent.Decoded(decoder.decode(frame.header(), frame.body(), schemas));
        } catch (FaultException refusal) {
            if (!refusal.fault().settles()) {
                throw refusal;
            }
            return new BatchContent.Undecodable(refusal);
        }
    }

    /** What decoded content holds of memory, about: a constant column is few bytes on the wire whatever its rows. */
    public static long memoryBytes(BatchContent content) {
        return content instanceof BatchContent.Decoded decoded
                ? decoded.blocks().stream().mapToLong(BodyDecoder::memoryBytes).sum()
                : 0;
    }

    private static long memoryBytes(ColumnBlock block) {
        return 8L * block.rows() * block.schema().columns().size();
    }

    public Future<Void> close() {
        return worker.close();
    }
}
