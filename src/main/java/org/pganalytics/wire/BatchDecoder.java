package org.pganalytics.wire;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.model.Digest;
import org.pganalytics.model.FamilySchema;

/** The body of a batch to its blocks, within limits. Immutable, safe from any thread. */
public final class BatchDecoder {
    /** Longest name of a target, in UTF-8. */
    static final int TARGET_BYTES_MAX = 4 * ColumnBlock.TARGET_LENGTH_MAX;

    private final WireLimits limits;

    public BatchDecoder(WireLimits limits) {
        this.limits = limits;
    }

    /**
     * Fails with UNDECODABLE, or with UNKNOWN_FAMILY when a block names a fingerprint that was not declared; never with
     * anything else.
     *
     * @param schemas the schema that was declared with this fingerprint, or null
     */
    public List<ColumnBlock> decode(BatchHeader header, Buffer body, LongFunction<FamilySchema> schemas) {
        var bytes = inflate(header.uncompressedBytes(), body);
        if (!Digest.of(bytes).equals(header.digest())) {
            throw Fault.UNDECODABLE.because("the digest of the body differs from the header's");
        }
        return blocks(bytes, schemas);
    }

    /** An uncompressed body to its blocks. */
    List<ColumnBlock> blocks(byte[] bytes, LongFunction<FamilySchema> schemas) {
        var in = new BytesIn(bytes, Fault.UNDECODABLE);
        int format = in.u8();
        if (format != BatchEncoder.FORMAT) {
            throw in.bad("body format %d is not known".formatted(format));
        }
        int count = in.count("blocks", 0, limits.blocksMax());
        var allowance = new Allowance(limits);
        var earlier = new EarlierBlocks();
        var blocks = new ArrayList<ColumnBlock>();
        for (int block = 0; block < count; block++) {
            var next = block(in, schemas, allowance, earlier);
            earlier.replace(next);
            blocks.add(next);
        }
        in.finish();
        return blocks;
    }

    private static ColumnBlock block(
            BytesIn in, LongFunction<FamilySchema> schemas, Allowance allowance, EarlierBlocks earlier) {
        long fingerprint = in.i64();
        var schema = schemas.apply(fingerprint);
        if (schema == null) {
            throw Fault.UNKNOWN_FAMILY.because("no schema with fingerprint %016x was declared".formatted(fingerprint));
        }
        var target = target(in);
        long collectedAt = in.i64();
        if (collectedAt < VectorReader.TIMESTAMP_MIN) {
            throw in.bad("a time before the first one that PostgreSQL knows");
        }
        var columns = schema.columns();
        int rows = in.count("rows", 1, Integer.MAX_VALUE);
        allowance.block(columns.size());
        allowance.rows(rows, columns.size());
        var before = before(in, rows, earlier.find(fingerprint, target));
        var reader = new VectorReader(in, new Beside(null));
        var vectors = new ArrayList<ColumnVector>(columns.size());
        for (int column = 0; column < columns.size(); column++) {
            var earlierVector = before == null ? null : before.vectors().get(column);
            var vector = reader.read(columns.get(column), rows, earlierVector);
            if (vector instanceof ColumnVector.Texts texts) {
                allowance.texts(texts);
            }
            vectors.add(vector);
        }
        return new ColumnBlock(schema, target, collectedAt, rows, vectors);
    }

    private static ColumnBlock before(BytesIn in, int rows, ColumnBlock found) {
        int follows = in.u8();
        if (follows == Encoding.ALONE) {
            return null;
        }
        if (follows != Encoding.FOLLOWING || found == null || found.rows() != rows) {
            throw in.bad("a block follows none of the same family, target and rows");
        }
        return found;
    }

    private static String target(BytesIn in) {
        var bytes = in.copy(in.count("a target's bytes", 1, TARGET_BYTES_MAX), "a target");
        var target = new String(bytes, StandardCharsets.UTF_8);
        if (!Utf8.isText(bytes, 0, bytes.length)
                || Utf8.hasControls(target)
                || target.length() > ColumnBlock.TARGET_LENGTH_MAX) {
            throw in.bad("a target's name is longer than %d characters, not UTF-8, or has control characters"
                    .formatted(ColumnBlock.TARGET_LENGTH_MAX));
        }
        return target;
    }

    private byte[] inflate(int length, Buffer body) {
        checkSizes(length, body.length());
        var compressed = body.getBytes();
        try {
            if (!isOneFrame(compressed, length)) {
                throw Fault.UNDECODABLE.because(
                        "the body is not one zstd frame that states the %d bytes of the header".formatted(length));
            }
            var bytes = new byte[length];
            if (Zstd.decompressByteArray(bytes, 0, length, compressed, 0, compressed.length) != length) {
                throw Fault.UNDECODABLE.because("the body is not %d bytes uncompressed".formatted(length));
            }
            return bytes;
        } catch (ZstdException broken) {
            throw Fault.UNDECODABLE.because("the body is not zstd: " + broken.getMessage());
        }
    }

    private static boolean isOneFrame(byte[] compressed, int length) {
        return compressed.length > 0
                && Zstd.getFrameContentSize(compressed) == length
                && Zstd.findFrameCompressedSize(compressed) == compressed.length;
    }

    private void checkSizes(int length, int compressed) {
        if (length > limits.uncompressedBytesMax()) {
            throw Fault.UNDECODABLE.because(
                    "a body of %d bytes uncompressed, at most %d".formatted(length, limits.uncompressedBytesMax()));
        }
        if (length > WireLimits.RATIO_FREE_BYTES && length > (long) compressed * limits.ratioMax()) {
            throw Fault.UNDECODABLE.because("a body of %d bytes grows to %d, at most %d times its size is allowed"
                    .formatted(compressed, length, limits.ratioMax()));
        }
    }
}
