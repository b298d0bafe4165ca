package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.ColumnBlock;

/** Writes blocks by one COPY. */
final class CopyWriter implements RowWriter {
    private final CopyEncoder encoder = new CopyEncoder(ByteBufAllocator.DEFAULT);

    @Override
    public EncodedBlock encode(ColumnBlock block, int targetId) {
        return new EncodedBlock(block, targetId, encoder.rows(block, targetId));
    }

    @Override
    public Future<Void> write(SqlConnection connection, List<EncodedBlock> blocks) {
        var schema = blocks.get(0).block().schema();
        var sql =
                "COPY %s (%s) FROM STDIN (FORMAT binary)".formatted(RowWriter.table(schema), RowWriter.columns(schema));
        var frame = List.of(encoder.header(), encoder.trailer());
        var parts = new ArrayList<ByteBuf>(blocks.size() + 2);
        parts.add(frame.get(0));
        blocks.forEach(block -> parts.add(block.copy()));
        parts.add(frame.get(1));
        return CopyConnection.of(connection)
                .copy(sql, parts, RowWriter.rows(blocks))
                .onComplete(done -> frame.forEach(ByteBuf::release));
    }
}
