package org.pganalytics.storage;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Notes, in the transaction that writes rows, which minutes have new ones, for whoever rolls them up. One row a transaction,
 * without a unique index: lanes and servers share no lock in it.
 */
final class RollUpDue {
    private static final String INSERT =
            "INSERT INTO roll_up_due (families, family_of, targets, minutes) VALUES ($1, $2, $3, $4)";
    private static final long MINUTE_MICROS = 60_000_000L;

    private final Tables tables;

    RollUpDue(Tables tables) {
        this.tables = tables;
    }

    private record Due(int family, int target, int minute) {}

    Future<Void> insert(SqlConnection connection, List<EncodedBlock> blocks) {
        var families = new LinkedHashMap<String, Integer>();
        Set<Due> due = new LinkedHashSet<>();
        for (var block : blocks) {
            if (isRolledUp(block)) {
                int family = families.computeIfAbsent(block.family(), name -> families.size() + 1);
                due.add(new Due(family, block.targetId(), minute(block)));
            }
        }
        return due.isEmpty()
                ? Future.succeededFuture()
                : connection
                        .preparedQuery(INSERT)
                        .execute(tuple(new ArrayList<>(families.keySet()), due))
                        .mapEmpty();
    }

    private boolean isRolledUp(EncodedBlock block) {
        return block.rows() > 0
                && tables.lookup(block.family())
                        .map(table -> table.family().rollsUp())
                        .orElse(false);
    }

    private static int minute(EncodedBlock block) {
        return Math.toIntExact(Math.floorDiv(block.block().collectedAtMicros(), MINUTE_MICROS));
    }

    private static Tuple tuple(List<String> families, Set<Due> due) {
        return Tuple.tuple()
                .addArrayOfString(families.toArray(String[]::new))
                .addArrayOfShort(due.stream().map(one -> (short) one.family()).toArray(Short[]::new))
                .addArrayOfInteger(due.stream().map(Due::target).toArray(Integer[]::new))
                .addArrayOfInteger(due.stream().map(Due::minute).toArray(Integer[]::new));
    }
}
