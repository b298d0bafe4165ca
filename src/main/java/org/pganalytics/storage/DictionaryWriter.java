package org.pganalytics.storage;

import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import org.pganalytics.model.ColumnBlock;

/**
 * Writes texts of a dictionary: a new one is kept, a known one only gets a younger {@code last_sent}, at most once a day.
 *
 * @param key the column that, with the target, names a text
 */
record DictionaryWriter(String key) implements RowWriter {
    @Override
    public EncodedBlock encode(ColumnBlock block, int targetId) {
        return new EncodedBlock(block, targetId, Unpooled.EMPTY_BUFFER);
    }

    @Override
    public Future<Void> write(SqlConnection connection, List<List<EncodedBlock>> families) {
        return RowWriter.inTurn(families, blocks -> insert(connection, blocks));
    }

    private Future<Void> insert(SqlConnection connection, List<EncodedBlock> blocks) {
        var schema = blocks.get(0).block().schema();
        // DISTINCT: one INSERT may not touch a row twice. The texts of a target come from one collector, whose ledger
        // row
        // is locked, so that two transactions never wait for each other here.
        var sql = """
                INSERT INTO %1$s AS kept (target_id, %2$s, last_sent)
                SELECT DISTINCT ON (target_id, "%3$s") target_id, %2$s, now()
                FROM (SELECT %4$s) AS sent (sent_at, target_id, %2$s)
                ON CONFLICT (target_id, "%3$s") DO UPDATE SET last_sent = excluded.last_sent
                WHERE kept.last_sent < excluded.last_sent - interval '1 day'
                """.formatted(
                        RowWriter.table(schema), ColumnArrays.names(schema, ""), key, ColumnArrays.unnest(schema));
        return connection.preparedQuery(sql).execute(ColumnArrays.of(blocks)).mapEmpty();
    }
}
