package org.pganalytics.storage;

import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import org.pganalytics.model.ColumnBlock;

/** Writes blocks by one INSERT from arrays: slower than COPY, but with nothing of the driver's inside. */
final class UnnestWriter implements RowWriter {
    @Override
    public EncodedBlock encode(ColumnBlock block, int targetId) {
        return new EncodedBlock(block, targetId, Unpooled.EMPTY_BUFFER);
    }

    @Override
    public Future<Void> write(SqlConnection connection, List<List<EncodedBlock>> families) {
        return RowWriter.inTurn(families, blocks -> insert(connection, blocks));
    }

    private static Future<Void> insert(SqlConnection connection, List<EncodedBlock> blocks) {
        var schema = blocks.get(0).block().schema();
        // Set-returning functions in the target list, not in FROM, where PostgreSQL would materialise them.
        var sql = "INSERT INTO %s (%s) SELECT %s"
                .formatted(RowWriter.table(schema), RowWriter.columns(schema), ColumnArrays.unnest(schema));
        return connection.preparedQuery(sql).execute(ColumnArrays.of(blocks)).compose(inserted -> {
            long rows = RowWriter.rows(blocks);
            return inserted.rowCount() == rows
                    ? Future.succeededFuture()
                    : Future.failedFuture(new IllegalStateException(
                            "INSERT took %d of %d rows".formatted(inserted.rowCount(), rows)));
        });
    }
}
