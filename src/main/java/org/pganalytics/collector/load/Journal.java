package org.pganalytics.collector.load;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps, on disk, what was sent before it was sent. Entries that come while the disk is busy share its next fsync, so that
 * thousands a second are possible. Safe to share between event loops.
 */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int ENTRY_BYTES_GUESS = 256;

    /** Somebody to be told, on the context from which the entry came. */
    private record Waiter(Promise<Void> written, Context context) {
        void tell(IOException failure) {
            context.runOnContext(there -> {
                if (failure == null) {
                    written.complete();
                } else {
                    written.fail(failure);
                }
            });
        }
    }

    private final Vertx vertx;
    private final FileChannel file;
    private final WorkerExecutor disk;
    private Buffer pending = Buffer.buffer();
    private List<Waiter> waiting = new ArrayList<>();
    private boolean writing;
    private boolean closed;

    private Journal(Vertx vertx, FileChannel file, WorkerExecutor disk) {
        this.vertx = vertx;
        this.file = file;
        this.disk = disk;
    }

    /** Starts a journal anew in this file, on a thread of its own. Blocks for the moment of the opening. */
    static Journal open(Vertx vertx, Path path) throws IOException {
        var file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        return new Journal(vertx, file, vertx.createSharedWorkerExecutor("load-journal-" + path, 1));
    }

    /** Completes when the entry, and all that were added before it, are on disk; fails when they may not be. */
    Future<Void> add(JournalEntry entry) {
        var bytes = Buffer.buffer(ENTRY_BYTES_GUESS);
        JournalCodec.encode(entry, bytes);
        return add(bytes);
    }

    private Future<Void> add(Buffer bytes) {
        var waiter = new Waiter(Promise.promise(), vertx.getOrCreateContext());
        synchronized (this) {
            if (closed) {
                return Future.failedFuture("the journal is closed");
            }
            pending.appendBuffer(bytes);
            waiting.add(waiter);
            if (writing) {
                return waiter.written.future();
            }
            writing = true;
        }
        writeNext();
        return waiter.written.future();
    }

    private void writeNext() {
        disk.<Void>executeBlocking(this::writePending, true).onComplete(written -> {
            if (hasMore()) {
                writeNext();
            }
        });
    }

    private Void writePending() {
        Buffer bytes;
        List<Waiter> group;
        synchronized (this) {
            bytes = pending;
            group = waiting;
            pending = Buffer.buffer(bytes.length());
            waiting = new ArrayList<>(group.size());
        }
        try {
            write(bytes);
            group.forEach(waiter -> waiter.tell(null));
        } catch (IOException failure) {
            LOG.error("the journal cannot be written, so nothing more can be sent", failure);
            group.forEach(waiter -> waiter.tell(failure));
        }
        return null;
    }

    private void write(Buffer bytes) throws IOException {
        var rest = ByteBuffer.wrap(bytes.getBytes());
        while (rest.hasRemaining()) {
            file.write(rest);
        }
        file.force(false);
    }

    private synchronized boolean hasMore() {
        writing = !waiting.isEmpty();
        return writing;
    }

    /** Closes the file, once all that was added is on disk. */
    Future<Void> close() {
        var written = add(Buffer.buffer());
        synchronized (this) {
            closed = true;
        }
        return written.eventually(() -> disk.executeBlocking(this::closeFile, true))
                .eventually(disk::close);
    }

    private Void closeFile() throws IOException {
        file.close();
        return null;
    }
}
