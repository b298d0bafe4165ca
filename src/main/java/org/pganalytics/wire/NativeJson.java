package org.pganalytics.wire;

import com.fasterxml.jackson.core.JsonFactory;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Loss;

/** Batches in JSON, for senders without the native codec: the position first, 64-bit numbers as strings. */
public final class NativeJson {
    public static final String MEDIA_TYPE = "application/json";

    private static final List<String> POSITION = List.of("epoch", "sequence", "covers_from");

    private final WireLimits limits;
    private final JsonFactory factory;

    public NativeJson(WireLimits limits) {
        this.limits = limits;
        this.factory = JsonIn.factory(limits.uncompressedBytesMax());
    }

    /** Writes a batch; what {@link #parse} reads. */
    public static Buffer encode(BatchPosition position, List<Loss> losses, List<ColumnBlock> blocks) {
        return JsonOut.write(position, losses, blocks);
    }

    /**
     * Reads a batch. Fails with BAD_REQUEST when not even its position can be read, and with TOO_LARGE; what is wrong
     * after the position is in the content, so that the batch can be settled.
     *
     * @param json uncompressed
     */
    public JsonPush parse(Buffer json) {
        if (json.length() > limits.uncompressedBytesMax()) {
            throw Fault.TOO_LARGE.because("%d bytes of JSON, at most %d; send fewer rows at once"
                    .formatted(json.length(), limits.uncompressedBytesMax()));
        }
        var bytes = json.getBytes();
        try (var in = new JsonIn(factory, bytes)) {
            var position = position(in);
            in.failWith(Fault.UNDECODABLE);
            var losses = new ArrayList<Loss>();
            var content = content(in, losses);
            return new JsonPush(position, Digest.of(bytes), losses, content);
        }
    }

    private static BatchPosition position(JsonIn in) {
        in.object("the push");
        var found = new long[POSITION.size()];
        for (int member = 0; member < found.length; member++) {
            var name = in.member("the push");
            int index = name == null ? -1 : POSITION.indexOf(name);
            if (index < 0) {
                throw in.bad("the push must begin with epoch, sequence and covers_from");
            }
            in.next();
            found[index] = in.int8(name);
        }
        long epoch = found[0];
        long sequence = found[1];
        long coversFrom = found[2];
        if (epoch < 1 || epoch > Integer.MAX_VALUE || coversFrom < 1 || sequence < coversFrom) {
            throw in.bad("epoch %d, sequence %d, covers_from %d: allowed are epoch 1 to 2147483647 and"
                            .formatted(epoch, sequence, coversFrom)
                    + " 1 <= covers_from <= sequence");
        }
        return new BatchPosition((int) epoch, sequence, coversFrom);
    }

    private BatchContent content(JsonIn in, List<Loss> losses) {
        try {
            var name = in.member("the push");
            if ("losses".equals(name)) {
                JsonLosses.read(in, losses);
                name = in.member("the push");
            }
            if (!"blocks".equals(name)) {
                throw in.bad("after the position come losses, which may be left out, and then blocks");
            }
            var blocks = new JsonBlocks(in, new Allowance(limits)).read();
            if (in.member("the push") != null) {
                throw in.bad("nothing may follow blocks");
            }
            in.end();
            return new BatchContent.Decoded(blocks);
        } catch (FaultException refusal) {
            return new BatchContent.Undecodable(refusal);
        }
    }
}
