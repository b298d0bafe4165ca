package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Loss.Reason;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;

/** What the spool keeps, what it drops, and how it meets a server's mark. */
class SpoolFileTest {
    private static final SpoolConfig ROOMY = SpoolConfig.defaults();

    @TempDir
    Path directory;

    private Clock clock = Clock.systemUTC();

    private SpoolKeeper open(SpoolConfig config) throws Exception {
        return SpoolKeeper.open(directory, config, BatchConfig.defaults(), clock);
    }

    static List<ColumnBlock> rows(int rows) {
        return List.of(MemorySource.block(rows, 1, "n"));
    }

    /** A block that does not compress: about {@code kilobytes} on disk. */
    private static List<ColumnBlock> noise(int kilobytes, long seed) {
        var text = new StringBuilder();
        new Random(seed).ints(kilobytes * 1024L * 4 / 3, '0', 'z').forEach(letter -> text.append((char) letter));
        return List.of(MemorySource.block(1, 1, text.toString()));
    }

    static List<OutgoingBatch> all(SpoolKeeper spool, long after) throws Exception {
        return spool.next(after, 1_000, Long.MAX_VALUE);
    }

    static List<Long> numbers(List<OutgoingBatch> batches) {
        return batches.stream().map(OutgoingBatch::sequence).toList();
    }

    static BatchSource.Welcomed at(int epoch, long mark) {
        return new BatchSource.Welcomed(epoch, mark, 1 << 24, 1 << 26);
    }

    @Test
    void aBatchIsByteForByteTheSameAfterReopening() throws Exception {
        var codec = new FrameCodec(1 << 24);
        var spool = open(ROOMY);
        spool.append(rows(5));
        spool.append(rows(9));
        spool.welcome(at(3, 0));
        var before = all(spool, 0);
        var instance = spool.instance();
        spool.close();

        var again = open(ROOMY);
        assertEquals(instance, again.instance());
        var after = all(again, 0);
        assertEquals(List.of(1L, 2L), numbers(after));
        for (int at = 0; at < 2; at++) {
            assertEquals(
                    codec.encode(new Frame.BatchFrame(
                            before.get(at).header(), before.get(at).body())),
                    codec.encode(new Frame.BatchFrame(
                            after.get(at).header(), after.get(at).body())));
            assertEquals(before.get(at).schemas(), after.get(at).schemas());
        }
        again.close();
    }

    @Test
    void onlyItsOwnerMayReadIt() throws Exception {
        open(ROOMY).close();
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("spool.db"))));
    }

    @Test
    void twoAgentsDoNotShareASpool() throws Exception {
        var first = open(ROOMY);
        first.append(rows(1));
        assertThrows(SQLException.class, () -> open(ROOMY));
        first.close();
    }

    @Test
    void theOldestUnsentAreDroppedAndDeclaredAsOne() throws Exception {
        var spool = open(new SpoolConfig(1 << 16, Duration.ZERO, 0));
        spool.welcome(at(1, 0));
        spool.append(noise(10, 1));
        assertEquals(List.of(1L), numbers(all(spool, 0)), "sent, so it stays");
        for (int number = 2; number <= 20; number++) {
            spool.append(noise(10, number));
        }
        assertTrue(
                spool.status().bytes() <= (1 << 16) + 1024,
                "bytes " + spool.status().bytes());
        var kept = all(spool, 0);
        assertEquals(1, kept.get(0).sequence());
        var declared = kept.get(1).header();
        assertEquals(2, declared.position().coversFrom());
        assertEquals(
                declared.position().sequence() - 1, declared.losses().get(0).rows());
        assertEquals(Reason.SPOOL_FULL, declared.losses().get(0).reason());
        assertEquals("sample", declared.losses().get(0).family());
        assertEquals(declared.position().sequence() + 1, kept.get(2).sequence());
        assertEquals(20, kept.get(kept.size() - 1).sequence());
        assertEquals(spool.status().rowsLost(), declared.losses().get(0).rows());
        spool.close();
    }

    @Test
    void whatIsSentAndNotSettledIsNeverDropped() throws Exception {
        var spool = open(new SpoolConfig(1 << 16, Duration.ZERO, 0));
        spool.welcome(at(1, 0));
        for (int number = 1; number <= 5; number++) {
            spool.append(noise(10, number));
        }
        var sent = all(spool, 0);
        for (int number = 6; number <= 12; number++) {
            spool.append(noise(10, number));
        }
        var kept = all(spool, 0);
        assertEquals(sent, kept.subList(0, 5));
        assertEquals(6, kept.get(5).header().position().coversFrom());
        spool.close();
    }

    @Test
    void aMarkBehindSendsKeptBatchesAgainAndDeclaresTheOthers() throws Exception {
        var spool = open(new SpoolConfig(1 << 20, Duration.ofHours(1), 25 << 10));
        spool.welcome(at(1, 0));
        for (int number = 1; number <= 6; number++) {
            spool.append(noise(10, number));
        }
        var before = all(spool, 0);
        spool.settle(6);
        spool.tidy();
        var standing = spool.welcome(at(1, 1));
        assertTrue(standing.textsGone());
        var again = all(spool, 1);
        assertEquals(List.of(4L, 5L, 6L), numbers(again));
        assertEquals(2, again.get(0).header().position().coversFrom());
        assertEquals(
                Reason.NO_LONGER_KEPT, again.get(0).header().losses().get(0).reason());
        assertEquals(before.subList(4, 6), again.subList(1, 3), "byte for byte");
        spool.close();
    }

    @Test
    void settledBatchesStayForTheirTimeOnly() throws Exception {
        var millis = new AtomicLong();
        clock = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.ofEpochMilli(millis.get());
            }
        };
        var spool = open(new SpoolConfig(1 << 20, Duration.ZERO, 1 << 20));
        spool.welcome(at(1, 0));
        spool.append(rows(1));
        spool.append(rows(1));
        all(spool, 0);
        spool.settle(1);
        spool.tidy();
        millis.addAndGet(1);
        spool.settle(2);
        spool.tidy();
        assertEquals(List.of(2L), numbers(all(spool, 0)), "the first was settled before, the second just now");
        assertEquals(2, spool.status().rowsSettled());
        assertEquals(0, spool.status().batches());
        spool.close();
    }

    @Test
    void aBatchLargerThanTheServerTakesIsDeclaredInPlaceOfSent() throws Exception {
        var spool = open(ROOMY);
        spool.append(rows(1));
        spool.append(noise(10, 1));
        spool.append(rows(2));
        spool.welcome(new BatchSource.Welcomed(1, 0, 4 << 10, 1 << 26));
        var batches = all(spool, 0);
        assertEquals(List.of(1L, 2L, 3L), numbers(batches));
        assertEquals(Reason.TOO_LARGE, batches.get(1).header().losses().get(0).reason());
        assertTrue(batches.get(1).schemas().isEmpty());
        spool.settle(3);
        assertEquals(0, spool.status().rows());
        spool.close();
    }

    @Test
    void aDamagedFileIsSetAsideAndTheLossDeclared() throws Exception {
        var spool = open(ROOMY);
        var old = spool.instance();
        spool.append(rows(3));
        spool.close();
        Files.write(directory.resolve("spool.db"), new byte[20_000]);
        spool = open(ROOMY);
        assertNotEquals(old, spool.instance());
        assertTrue(Files.exists(directory.resolve("spool.damaged.db")));
        spool.append(rows(4));
        spool.welcome(at(1, 0));
        var batches = all(spool, 0);
        assertEquals(
                Reason.SPOOL_BROKEN, batches.get(0).header().losses().get(0).reason());
        assertEquals(2, batches.get(1).sequence());
        spool.close();
    }

    @Test
    void rowsThatCannotBeWrittenAreDeclaredOnceTheyCan() throws Exception {
        var file = directory.resolve("spool.db").toString();
        PrivateFiles.create(Path.of(file));
        var table = new SpoolTable(file);
        var spool = new SpoolFile(table, ROOMY, Clock.systemUTC());
        spool.close();
        assertThrows(
                SQLException.class,
                () -> spool.append(new org.pganalytics.wire.BatchEncoder(1).encode(rows(1)), List.of(), List.of()));

        var keeper = open(ROOMY);
        keeper.lose(List.of(new Loss("sample", Reason.SPOOL_BROKEN, 12, 1, 2)));
        keeper.lose(List.of(new Loss("sample", Reason.SPOOL_BROKEN, 3, 1, 9)));
        keeper.append(rows(1));
        keeper.welcome(at(1, 0));
        var batches = all(keeper, 0);
        assertEquals(
                List.of(new Loss("sample", Reason.SPOOL_BROKEN, 15, 1, 9)),
                batches.get(0).header().losses());
        assertTrue(keeper.undeclared().isEmpty());
        assertFalse(batches.get(1).schemas().isEmpty());
        keeper.close();
    }
}
