package org.pganalytics.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Names;

/** The header of a BATCH frame. */
final class HeaderForm {
    private HeaderForm() {}

    static byte[] write(BatchHeader header) {
        var position = header.position();
        var out = new FieldsOut()
                .u32(1, position.epoch())
                .size(2, position.sequence())
                .size(3, position.coversFrom())
                .bytes(4, header.digest().bytes())
                .u32(5, header.uncompressedBytes());
        if (!header.losses().isEmpty()) {
            out.bytes(6, losses(header.losses()));
        }
        return out.toArray();
    }

    static BatchHeader read(byte[] bytes) {
        var in = new FieldsIn(bytes);
        int epoch = in.u32(1);
        long sequence = in.size(2);
        long coversFrom = in.size(3);
        if (epoch < 1 || coversFrom < 1 || sequence < coversFrom) {
            throw Fault.BAD_FRAME.because(
                    "epoch %d, sequence %d, covers_from %d: allowed are epoch >= 1 and 1 <= covers_from <= sequence"
                            .formatted(epoch, sequence, coversFrom));
        }
        return new BatchHeader(
                new BatchPosition(epoch, sequence, coversFrom),
                new Digest(in.exactBytes(4, Digest.BYTES)),
                in.u32(5),
                in.has(6) ? losses(in.list(6)) : List.of());
    }

    private static byte[] losses(List<Loss> losses) {
        if (losses.size() > BatchHeader.LOSSES_MAX) {
            throw new IllegalArgumentException(
                    "%d losses, at most %d; merge them by family".formatted(losses.size(), BatchHeader.LOSSES_MAX));
        }
        var out = new BytesOut(0xFFFF);
        for (var loss : losses) {
            var family = loss.family().getBytes(StandardCharsets.UTF_8);
            if (!isFamilyOrEmpty(loss.family()) || loss.rows() < 0) {
                throw new IllegalArgumentException("a loss of a family '%s' and %d rows: allowed are a family's name or"
                                .formatted(loss.family(), loss.rows())
                        + " '', and 0 rows or more");
            }
            out.u8(family.length).bytes(family).u8(loss.reason().wireCode());
            out.i64(loss.rows()).i64(loss.fromMicros()).i64(loss.toMicros());
        }
        return out.toArray();
    }

    private static List<Loss> losses(BytesIn in) {
        var losses = new ArrayList<Loss>();
        while (in.remaining() > 0) {
            if (losses.size() == BatchHeader.LOSSES_MAX) {
                throw in.bad("more than %d losses".formatted(BatchHeader.LOSSES_MAX));
            }
            losses.add(loss(in));
        }
        return losses;
    }

    private static Loss loss(BytesIn in) {
        var family = new String(in.copy(in.u8(), "a loss's family"), StandardCharsets.ISO_8859_1);
        int code = in.u8();
        var reason = Loss.Reason.ofWireCode(code).orElseThrow(() -> in.bad("loss reason %d".formatted(code)));
        long rows = in.i64();
        if (rows < 0 || !isFamilyOrEmpty(family)) {
            throw in.bad("a loss of %d rows of a family whose name is %d bytes".formatted(rows, family.length()));
        }
        return new Loss(family, reason, rows, in.i64(), in.i64());
    }

    private static boolean isFamilyOrEmpty(String name) {
        return name.isEmpty() || Names.isFamily(name);
    }
}
