package org.pganalytics.wire;

import com.github.luben.zstd.Zstd;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;

/** Blocks to the body of a batch. Immutable, safe from any thread. */
public final class BatchEncoder {
    static final int FORMAT = 1;

    private final int zstdLevel;
    private final int uncompressedBytesMax;
    private final boolean modelled;

    /** A fast one, for senders of very many rows; @param zstdLevel 1 (fast) to 19 (small); 3 is a good one */
    public BatchEncoder(int zstdLevel) {
        this(zstdLevel, 64 << 20, false);
    }

    /**
     * @param uncompressedBytesMax as the receiver's WELCOME says
     * @param modelled whether columns may be modelled: about half the bytes, for some µs a row
     */
    public BatchEncoder(int zstdLevel, int uncompressedBytesMax, boolean modelled) {
        if (zstdLevel < 1 || zstdLevel > 19) {
            throw new IllegalArgumentException("zstd level %d, allowed are 1 to 19".formatted(zstdLevel));
        }
        this.zstdLevel = zstdLevel;
        this.uncompressedBytesMax = uncompressedBytesMax;
        this.modelled = modelled;
    }

    /** One for the smallest bodies, a collector's choice; @param zstdLevel as above */
    public static BatchEncoder small(int zstdLevel) {
        return new BatchEncoder(zstdLevel, 64 << 20, true);
    }

    /** Encodes the blocks, none at all for a batch that only declares a loss; fails with TOO_LARGE beyond the limit. */
    public EncodedBody encode(List<ColumnBlock> blocks) {
        var body = body(blocks);
        return new EncodedBody(Buffer.buffer(Zstd.compress(body, zstdLevel)), Digest.of(body), body.length);
    }

    byte[] body(List<ColumnBlock> blocks) {
        if (!modelled) {
            return body(blocks, null);
        }
        try (var drafts = new Drafts()) {
            return body(blocks, drafts);
        }
    }

    private byte[] body(List<ColumnBlock> blocks, Drafts drafts) {
        var out = new BytesOut(uncompressedBytesMax);
        out.u8(FORMAT).uvarint(blocks.size());
        var earlier = new EarlierBlocks();
        for (var block : blocks) {
            write(block, earlier.replace(block), out, drafts);
        }
        return out.toArray();
    }

    private static void write(ColumnBlock block, ColumnBlock before, BytesOut out, Drafts drafts) {
        check(block);
        var target = block.target().getBytes(StandardCharsets.UTF_8);
        out.i64(block.schema().fingerprint()).uvarint(target.length).bytes(target);
        boolean follows = before != null && before.rows() == block.rows();
        out.i64(block.collectedAtMicros()).uvarint(block.rows()).u8(follows ? Encoding.FOLLOWING : Encoding.ALONE);
        var writer = new VectorWriter(out, drafts == null ? null : new Beside(drafts));
        for (int column = 0; column < block.vectors().size(); column++) {
            writer.write(block.vectors().get(column), follows ? before.vectors().get(column) : null);
        }
    }

    private static void check(ColumnBlock block) {
        if (block.target().isEmpty() || block.target().length() > ColumnBlock.TARGET_LENGTH_MAX || block.rows() < 1) {
            throw new IllegalArgumentException(
                    "a target's name of %d characters, %d rows: allowed are 1 to %d, 1 and more"
                            .formatted(block.target().length(), block.rows(), ColumnBlock.TARGET_LENGTH_MAX));
        }
    }
}
