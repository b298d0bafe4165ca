package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pganalytics.model.Column;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.FamilySchema;

/** A way to put blocks into a table. */
interface RowWriter {
    /**
     * Does, before the transaction, what can be done then.
     *
     * @throws ArithmeticException when a value is out of its column's range
     */
    EncodedBlock encode(ColumnBlock block, int targetId);

    /**
     * Writes blocks within the connection's transaction.
     *
     * @param families at least one; the blocks of each are of one schema
     */
    Future<Void> write(SqlConnection connection, List<List<EncodedBlock>> families);

    /** Writes one family after the other. */
    static Future<Void> inTurn(List<List<EncodedBlock>> families, Function<List<EncodedBlock>, Future<Void>> write) {
        Future<Void> written = Future.succeededFuture();
        for (var blocks : families) {
            written = written.compose(before -> write.apply(blocks));
        }
        return written;
    }

    /** The table of a family, qualified; its name needs no quotes by the rules of {@code model.Names}. */
    static String table(FamilySchema schema) {
        return "metrics." + schema.family();
    }

    /** The columns that blocks of the schema fill. Quoted, for a column may be called like an SQL word. */
    static String columns(FamilySchema schema) {
        return schema.columns().stream()
                .map(Column::name)
                .collect(Collectors.joining("\", \"", "time, target_id, \"", "\""));
    }

    static long rows(List<EncodedBlock> blocks) {
        return blocks.stream().mapToLong(EncodedBlock::rows).sum();
    }
}
