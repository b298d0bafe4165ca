package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.storage.tables.FamilyTable;

/** Writes blocks by one COPY a family, all of them in one round trip. */
final class CopyWriter implements RowWriter {
    private final CopyEncoder encoder = new CopyEncoder(ByteBufAllocator.DEFAULT);
    private final Tables tables;

    CopyWriter(Tables tables) {
        this.tables = tables;
    }

    @Override
    public EncodedBlock encode(ColumnBlock block, int targetId) {
        return new EncodedBlock(block, targetId, encoder.rows(block, targetId));
    }

    @Override
    public Future<Void> write(SqlConnection connection, List<List<EncodedBlock>> families) {
        var header = encoder.header();
        var trailer = encoder.trailer();
        var copies =
                families.stream().map(blocks -> copy(header, blocks, trailer)).toList();
        return CopyConnection.of(connection).copy(copies).onComplete(done -> {
            header.release();
            trailer.release();
        });
    }

    private Copy copy(ByteBuf header, List<EncodedBlock> blocks, ByteBuf trailer) {
        var schema = blocks.get(0).block().schema();
        var sql = "%sCOPY %s (%s) FROM STDIN (FORMAT binary)"
                .formatted(way(schema.family(), blocks), RowWriter.table(schema), RowWriter.columns(schema));
        var parts = new ArrayList<ByteBuf>(blocks.size() + 2);
        parts.add(header);
        blocks.forEach(block -> parts.add(block.copy()));
        parts.add(trailer);
        return new Copy(sql, parts, RowWriter.rows(blocks));
    }

    /**
     * Whether TimescaleDB writes these rows as columns at once: worth it where a target has many, for a few make a tiny
     * segment. In the same message as the COPY, so that it costs no round trip.
     */
    private String way(String family, List<EncodedBlock> blocks) {
        int directRows = tables.lookup(family).map(FamilyTable::directRows).orElse(0);
        if (directRows == 0) {
            return "";
        }
        long targets =
                blocks.stream().mapToInt(EncodedBlock::targetId).distinct().count();
        boolean direct = RowWriter.rows(blocks) >= directRows * targets;
        return "SET LOCAL timescaledb.enable_direct_compress_copy = %s; ".formatted(direct ? "on" : "off");
    }
}
