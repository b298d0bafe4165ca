package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import org.pganalytics.model.FamilySchema;

/** Writes blocks of many families, within the connection's transaction. */
final class FamilyWriter {
    private final Function<String, RowWriter> writers;

    /** @param writers how the rows of a family are written */
    FamilyWriter(Function<String, RowWriter> writers) {
        this.writers = writers;
    }

    /** One COPY a family; versions of a family with other columns have one each. */
    Future<Void> write(SqlConnection connection, List<EncodedBlock> all) {
        var bySchema = new HashMap<FamilySchema, List<EncodedBlock>>();
        all.stream()
                .filter(block -> block.rows() > 0)
                .forEach(block -> bySchema.computeIfAbsent(block.block().schema(), schema -> new ArrayList<>())
                        .add(block));
        var byWriter = new LinkedHashMap<RowWriter, List<List<EncodedBlock>>>();
        bySchema.values().stream()
                .sorted(Comparator.comparing(blocks -> blocks.get(0).family()))
                .forEach(blocks -> byWriter.computeIfAbsent(
                                writers.apply(blocks.get(0).family()), writer -> new ArrayList<>())
                        .add(blocks));
        Future<Void> written = Future.succeededFuture();
        for (var one : byWriter.entrySet()) {
            written = written.compose(before -> one.getKey().write(connection, one.getValue()));
        }
        return written;
    }
}
