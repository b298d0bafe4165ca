package org.pganalytics.storage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.ColumnVector;
import org.pganalytics.storage.tables.FamilyTable;

/**
 * Texts of dictionaries that this server has committed, so that a version 3 collector, which sends all of its statements'
 * texts with each push, has only those written that are new. For all lanes.
 *
 * <p>A text is forgotten {@link #AGE_MAX} after it was written, however often it was sent since: so one that retention or
 * somebody's hand took away comes back, and the {@code last_sent} of the others stays young. All are forgotten with each new
 * connection (a restored database). Beyond {@link #TEXTS_MAX} the oldest half is forgotten, which costs no more than writing
 * them again.
 */
final class CommittedTexts {
    /** About 8 MiB; what a thousand collectors have, of two hundred statements each. */
    static final int TEXTS_MAX = 200_000;

    static final Duration AGE_MAX = Duration.ofMinutes(10);

    private final Tables tables;
    private final LongSupplier nanoClock;
    private final Counter skipped;

    /** Those of this half of {@link #AGE_MAX}, and those of the half before. */
    private TextKeys young = new TextKeys();

    private TextKeys old = new TextKeys();
    private long turnedAt;
    private long generation;

    CommittedTexts(Tables tables, LongSupplier nanoClock, MeterRegistry meters) {
        this.tables = tables;
        this.nanoClock = nanoClock;
        this.turnedAt = nanoClock.getAsLong();
        this.skipped = Counter.builder("pganalytics.storage.texts.skipped")
                .description(
                        "dictionary texts of version 3 pushes that were not written, since they had been committed")
                .register(meters);
        Gauge.builder("pganalytics.storage.texts.known", this, CommittedTexts::size)
                .description("dictionary texts that are known to be committed")
                .register(meters);
    }

    /** What one transaction makes of it. @param generation of the tables that the transaction writes to */
    Claim claim(long generation) {
        return new Claim(generation);
    }

    /** The texts that one transaction writes: known to be there once it is committed, and not before. */
    final class Claim {
        private final long since;
        private final List<Texts> written = new ArrayList<>();
        private long left;

        private Claim(long since) {
            this.since = since;
        }

        /** Of what is settled, the blocks that must be written: all but texts that are there. */
        List<EncodedBlock> toWrite(Verdict.Settled settled) {
            // Collectors of ours send a text when they do not know that it is here.
            if (!(settled.work().pending().key() instanceof Pending.Part)) {
                return settled.blocks();
            }
            return settled.blocks().stream().filter(this::isToWrite).toList();
        }

        private boolean isToWrite(EncodedBlock block) {
            int key = key(block);
            if (key < 0) {
                return true;
            }
            var texts = named(block, key);
            if (areThere(texts, since)) {
                left += block.rows();
                return false;
            }
            written.add(texts);
            return true;
        }

        /** To be called after COMMIT. */
        void committed() {
            skipped.increment(left);
            written.forEach(texts -> add(texts, since));
        }
    }

    /** Of a dictionary, the column of its keys; -1 of any other family. */
    private int key(EncodedBlock block) {
        return tables.lookup(block.family())
                .filter(table -> table.layout() == FamilyTable.Layout.WHOLE)
                .map(table -> column(block.block(), table.family().dictionaryKey()))
                .orElse(-1);
    }

    private static int column(ColumnBlock block, String name) {
        var columns = block.schema().columns();
        for (int at = 0; at < columns.size(); at++) {
            if (columns.get(at).name().equals(name)) {
                return at;
            }
        }
        return -1;
    }

    private synchronized boolean areThere(Texts texts, long since) {
        turn();
        boolean there = since == generation && texts.complete();
        for (int row = 0; there && row < texts.keys().length; row++) {
            long first = texts.keys()[row];
            long second = texts.rest()[row];
            there = young.has(first, second) || old.has(first, second);
        }
        return there;
    }

    private synchronized void add(Texts texts, long since) {
        turn();
        for (int row = 0; since == generation && row < texts.keys().length; row++) {
            if (young.size() == TEXTS_MAX / 2) {
                halve(nanoClock.getAsLong());
            }
            young.add(texts.keys()[row], texts.rest()[row]);
        }
    }

    /**
     * The rows of a block.
     *
     * @param keys theirs
     * @param rest target, and a sum over all else
     * @param complete whether all are named: one without a key is not
     */
    private record Texts(long[] keys, long[] rest, boolean complete) {}

    /** Summed up before the lock is taken: a push has many. */
    private static Texts named(EncodedBlock block, int key) {
        if (!(block.block().vectors().get(key) instanceof ColumnVector.Longs keys)) {
            return new Texts(new long[0], new long[0], false);
        }
        var sums = sums(block.block(), key);
        var named = new long[sums.length];
        var rest = new long[sums.length];
        int count = 0;
        for (int row = 0; row < sums.length; row++) {
            if (!keys.isNull(row)) {
                named[count] = keys.values()[row];
                rest[count++] = (long) block.targetId() << Integer.SIZE | sums[row] & 0xFFFF_FFFFL;
            }
        }
        return new Texts(Arrays.copyOf(named, count), Arrays.copyOf(rest, count), count == sums.length);
    }

    /** Of one statement of one target another text than the one that is there changes nothing: a sum need not be strong. */
    private static int[] sums(ColumnBlock block, int key) {
        var sums = new int[block.rows()];
        Arrays.fill(sums, block.schema().family().hashCode());
        var crc = new CRC32C();
        for (int at = 0; at < block.vectors().size(); at++) {
            var vector = block.vectors().get(at);
            for (int row = 0; at != key && row < sums.length; row++) {
                sums[row] = 31 * sums[row] + sum(vector, row, crc);
            }
        }
        return sums;
    }

    private static int sum(ColumnVector vector, int row, CRC32C crc) {
        if (vector.isNull(row)) {
            return 0;
        }
        if (vector instanceof ColumnVector.Texts texts) {
            crc.reset();
            crc.update(texts.dictionary()[texts.indexes()[row]]);
            return (int) crc.getValue();
        }
        return vector instanceof ColumnVector.Longs longs
                ? Long.hashCode(longs.values()[row])
                : Double.hashCode(((ColumnVector.Doubles) vector).values()[row]);
    }

    /** Lets go of what is too old, or of another database. */
    private void turn() {
        long age = nanoClock.getAsLong() - turnedAt;
        long half = AGE_MAX.toNanos() / 2;
        if (generation != tables.generation() || age >= 2 * half) {
            generation = tables.generation();
            young = new TextKeys();
            halve(nanoClock.getAsLong());
        } else if (age >= half) {
            halve(turnedAt + half);
        }
    }

    private void halve(long at) {
        old = young;
        young = new TextKeys();
        turnedAt = at;
    }

    private synchronized int size() {
        return young.size() + old.size();
    }
}
