package org.pganalytics.wire.v3;

import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.Digest;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.Seconds;

/**
 * One push of a version 3 collector, read piece by piece; whenever it likes, the caller takes what has gathered as
 * batches. To be closed when it is over. Not bound to a thread, but used by one at a time.
 */
public final class V3Push implements AutoCloseable {
    /** What objects may be ahead or behind of the clock without being given to the store apart. */
    private static final long AHEAD_SECONDS = 300;

    private static final long BEHIND_SECONDS = 86_400;
    private static final Set<String> FIRST_NAMES =
            Set.of("collector_id", "hostname", "metrics", "metrics_count", "timestamp", "version");
    private static final Pattern FIRST_NAME = Pattern.compile("^\\s*\\{\\s*\"([a-z_]{1,20})\"");
    private static final int SNIFFED_BYTES = 256;

    private final Sender sender;
    private final PushReader reader;
    private final PushBatches batches;
    private final JsonFeed json;
    private BinaryFeed binary;

    /**
     * Who sends.
     *
     * @param collector by its token
     * @param name under which it is registered: the target's name when the push does not say its host's first
     * @param nowSeconds the server's clock, since 1970
     */
    public record Sender(UUID collector, String name, long nowSeconds) {}

    /**
     * How much came.
     *
     * @param objects complete ones
     * @param repeated of these, those of a second that the push itself had before
     * @param odd values that were none of their column's type, and became null
     * @param unknown values at places that no collector of version 3 fills
     */
    public record Counts(long objects, long repeated, long odd, long unknown) {}

    public V3Push(Layout layout, Sender sender) {
        this.sender = sender;
        this.reader = new PushReader(layout);
        long now = sender.nowSeconds();
        this.batches = new PushBatches(
                sender.collector(), new PushBatches.Window(now, now - BEHIND_SECONDS, now + AHEAD_SECONDS));
        this.json = new JsonFeed(reader);
    }

    /** Whether JSON that begins like this is a push of version 3, and not one of ours. */
    public static boolean isV3(byte[] start) {
        var text = new String(start, 0, Math.min(start.length, SNIFFED_BYTES), StandardCharsets.UTF_8);
        var name = FIRST_NAME.matcher(text);
        return name.find() && FIRST_NAMES.contains(name.group(1));
    }

    /**
     * Takes the next piece of JSON, which nobody may write to afterwards. Fails with UNDECODABLE; what was complete before
     * can still be flushed.
     */
    public void feed(byte[] piece) {
        try {
            json.feed(piece);
        } finally {
            collect();
        }
    }

    /** The JSON is complete. Fails with BAD_REQUEST when it was cut off, and with UNDECODABLE. */
    public void end() {
        json.end();
        collect();
        reader.end();
    }

    /** Opens a binary push. Fails with BAD_REQUEST or TOO_LARGE. For a worker. */
    public void open(byte[] body, int bytesMax) {
        InputStream payload = BinaryFrame.open(body, bytesMax);
        binary = new BinaryFeed(payload, reader);
    }

    /**
     * Reads so many values of an opened binary push. @return false when that was the end. Fails like JSON. For a
     * worker.
     */
    public boolean read(int values) {
        boolean more;
        try {
            more = binary.read(values);
        } finally {
            collect();
        }
        if (!more) {
            reader.end();
        }
        return more;
    }

    @Override
    public void close() {
        if (binary != null) {
            binary.close();
        }
    }

    private void collect() {
        reader.take().forEach(batches::add);
    }

    /** What has gathered, by type and database; these are to be settled before those of a later flush. */
    public List<Batch> flush() {
        return batches.flush(reader.hostname()
                .map(name -> name.replaceAll("\\p{Cntrl}|\\p{Cs}", "?"))
                .filter(name -> !name.isBlank())
                .orElse(sender.name()));
    }

    /** A batch that says that the rest of the push could not be read. @param near the piece in which that was found */
    public Batch unreadable(FaultException refusal, byte[] near) {
        var raw = new Batch.Raw("application/octet-stream", Buffer.buffer(near));
        var position = new SecondRanges("push", "", Seconds.of(sender.nowSeconds()), null);
        var content = new BatchContent.Undecodable(refusal);
        return new Batch(sender.collector(), position, Digest.of(near), List.of(), content, raw);
    }

    /** About what it holds of memory. */
    public long bytes() {
        return batches.bytes() + reader.bytes() + json.bytes();
    }

    /** About what would be let go by a flush. */
    public long gatheredBytes() {
        return batches.bytes();
    }

    public long gatheredRows() {
        return batches.rows();
    }

    public Counts counts() {
        return new Counts(batches.objects(), batches.repeated(), reader.odd(), reader.unknown());
    }
}
