package org.pganalytics.collector;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Loss.Reason;
import org.pganalytics.wire.BatchEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a spool file in working order: a failed write is counted and declared later, a damaged file is set aside and a new
 * instance begun. Blocking; all but the readers of volatile state run on one thread.
 */
final class SpoolKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolKeeper.class);
    private static final int SQLITE_CORRUPT = 11;
    private static final int SQLITE_NOTADB = 26;
    private static final long SAID_EVERY_NANOS = 60_000_000_000L;

    private final Path directory;
    private final SpoolConfig config;
    private final Clock clock;
    private final BatchEncoder encoder;
    private final List<Loss> undeclared = new ArrayList<>();
    private SpoolFile file;
    private volatile UUID instance;
    private volatile SpoolStatus status = SpoolStatus.EMPTY;
    private long rowsSettled;
    private long batchesSettled;
    private long rowsLost;
    private long lossesUnknown;
    private long saidAtNanos = System.nanoTime() - SAID_EVERY_NANOS;

    private SpoolKeeper(Path directory, SpoolConfig config, BatchConfig batches, Clock clock) {
        this.directory = directory;
        this.config = config;
        this.clock = clock;
        this.encoder = BatchEncoder.small(batches.zstdLevel());
    }

    static SpoolKeeper open(Path directory, SpoolConfig config, BatchConfig batches, Clock clock)
            throws SQLException, IOException {
        var keeper = new SpoolKeeper(directory, config, batches, clock);
        PrivateFiles.directory(directory);
        keeper.openFile();
        keeper.note();
        return keeper;
    }

    private Path path() {
        return directory.resolve("spool.db");
    }

    private void openFile() throws SQLException, IOException {
        try {
            file = newFile();
        } catch (SQLException failure) {
            if (!isDamage(failure)) {
                throw failure;
            }
            setAside(failure, 0);
        }
        instance = file.instance();
    }

    private SpoolFile newFile() throws SQLException, IOException {
        try {
            PrivateFiles.create(path());
        } catch (FileAlreadyExistsException fromBefore) {
            LOG.debug("the spool of an earlier run is taken up");
        }
        var table = new SpoolTable(path().toString());
        try {
            return new SpoolFile(table, config, clock);
        } catch (SQLException | RuntimeException unreadable) {
            table.close();
            throw unreadable;
        }
    }

    private static boolean isDamage(SQLException failure) {
        int code = failure.getErrorCode() & 0xff;
        return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    }

    private void setAside(SQLException why, long rowsKnown) throws SQLException, IOException {
        LOG.error("the spool is damaged and set aside as spool.damaged.db; a new instance begins", why);
        for (var suffix : List.of("", "-wal", "-shm")) {
            var from = directory.resolve("spool.db" + suffix);
            if (Files.exists(from)) {
                Files.move(from, directory.resolve("spool.damaged.db" + suffix), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        file = newFile();
        instance = file.instance();
        lose(List.of(Losses.unknown(Reason.SPOOL_BROKEN, rowsKnown, clock.millis() * 1000)));
    }

    /** Counts a loss that the next batch written declares. */
    synchronized void lose(List<Loss> losses) {
        var sums = new ArrayList<>(undeclared);
        sums.addAll(losses);
        undeclared.clear();
        undeclared.addAll(Losses.merged(sums));
        count(losses);
    }

    private synchronized void count(List<Loss> losses) {
        rowsLost += losses.stream().mapToLong(Loss::rows).sum();
        lossesUnknown += losses.stream().filter(loss -> loss.rows() == 0).count();
    }

    synchronized List<Loss> undeclared() {
        return List.copyOf(undeclared);
    }

    private synchronized void declared(List<Loss> losses) {
        if (undeclared.equals(losses)) {
            undeclared.clear();
        }
    }

    /** @return what was lost by it: empty when all is well */
    List<Loss> append(List<ColumnBlock> blocks) {
        var content = Losses.of(blocks, Reason.SPOOL_FULL);
        try {
            return attempt(() -> {
                declare();
                var schemas =
                        blocks.stream().map(ColumnBlock::schema).distinct().toList();
                return appended(blocks, content, schemas);
            });
        } catch (Exception failure) {
            say(failure);
            var lost = Losses.of(blocks, Reason.SPOOL_BROKEN);
            lose(lost);
            note();
            return lost;
        }
    }

    private List<Loss> appended(List<ColumnBlock> blocks, List<Loss> content, List<FamilySchema> schemas)
            throws SQLException {
        var dropped = file.append(encoder.encode(blocks), content, schemas);
        count(dropped);
        return dropped;
    }

    private void declare() throws SQLException {
        var losses = undeclared();
        if (!losses.isEmpty()) {
            file.declare(losses);
            declared(losses);
        }
    }

    SpoolStanding welcome(BatchSource.Welcomed welcome) throws Exception {
        return attempt(() -> {
            var standing = file.welcome(welcome);
            instance = file.instance();
            return standing;
        });
    }

    boolean superseded() throws Exception {
        return attempt(() -> {
            count(file.superseded());
            instance = file.instance();
            return true;
        });
    }

    List<OutgoingBatch> next(long after, int max, long bytesMax) throws Exception {
        return attempt(() -> file.next(after, max, bytesMax));
    }

    boolean settle(long upTo) throws Exception {
        return attempt(() -> {
            long before = file.unsettledBatches();
            rowsSettled += file.settle(upTo);
            batchesSettled += Math.max(0, before - file.unsettledBatches());
            return true;
        });
    }

    boolean tidy() {
        try {
            return attempt(() -> {
                file.tidy();
                if (!undeclared().isEmpty()) {
                    declare();
                }
                return true;
            });
        } catch (Exception failure) {
            say(failure);
            return false;
        }
    }

    /** Runs one step; after a failure the file is read back, or set aside when it is damaged. */
    private <T> T attempt(Callable<T> step) throws Exception {
        try {
            var result = step.call();
            note();
            return result;
        } catch (SQLException failure) {
            recover(failure);
            throw failure;
        }
    }

    private void recover(SQLException failure) throws SQLException, IOException {
        long rows = file.unsettledRows();
        try {
            if (isDamage(failure)) {
                file.close();
                setAside(failure, rows);
            } else {
                file.load();
            }
        } catch (SQLException again) {
            if (isDamage(again)) {
                file.close();
                setAside(again, rows);
            }
            throw failure;
        }
    }

    private void say(Exception failure) {
        long now = System.nanoTime();
        if (now - saidAtNanos > SAID_EVERY_NANOS) {
            saidAtNanos = now;
            LOG.error("the spool cannot be written, rows are lost and counted: {}", failure.getMessage());
        }
    }

    private synchronized void note() {
        status = new SpoolStatus(
                file.bytes(),
                file.unsettledBatches(),
                file.unsettledRows(),
                rowsSettled,
                batchesSettled,
                rowsLost,
                lossesUnknown);
    }

    UUID instance() {
        return instance;
    }

    SpoolStatus status() {
        return status;
    }

    void close() throws SQLException {
        try {
            tidy();
        } finally {
            file.close();
        }
    }
}
