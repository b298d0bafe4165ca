package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;
import org.pganalytics.storage.LedgerRow.Standing;

/** The ledger's arithmetic, without a database. */
class LedgerRowTest {
    private static final int RING = 4;

    private static Digest digest(long sequence) {
        return Digest.of(Long.toString(sequence).getBytes(StandardCharsets.UTF_8));
    }

    private static BatchPosition at(long sequence) {
        return new BatchPosition(1, sequence, sequence);
    }

    private static LedgerRow settledUpTo(long mark) {
        var row = new LedgerRow(0, new byte[0], RING);
        for (long n = 1; n <= mark; n++) {
            row.settle(at(n), digest(n));
        }
        return row;
    }

    @Test
    void aKeptDigestTellsADuplicateFromAConflict() {
        var row = settledUpTo(10);
        for (long n = 7; n <= 10; n++) {
            long number = n;
            assertEquals(Standing.DUPLICATE, row.judge(at(n), digest(n)));
            assertEquals(
                    Fault.POSITION_CONFLICT,
                    assertThrows(FaultException.class, () -> row.judge(at(number), digest(99)))
                            .fault());
        }
        assertEquals(Standing.DUPLICATE_UNVERIFIED, row.judge(at(6), digest(99)));
        assertEquals(RING * Digest.BYTES, row.ring().length);
    }

    @Test
    void aGapNamesWhatIsExpected() {
        var gap = assertThrows(FaultException.class, () -> settledUpTo(3).judge(at(5), digest(5)));
        assertEquals(Fault.POSITION_GAP, gap.fault());
        assertEquals(4, gap.expected().orElseThrow());
    }

    @Test
    void aRowThatOnlyRefusedIsNotWritten() {
        var row = settledUpTo(0);
        assertThrows(FaultException.class, () -> row.judge(at(5), digest(5)));
        assertEquals(false, row.touched());
    }

    @Test
    void aLossLongerThanTheRingLeavesNothingOfWhatWasBefore() {
        var row = settledUpTo(3);
        assertEquals(96, row.settle(new BatchPosition(1, 100, 2), digest(100)));
        assertEquals(100, row.mark());
        assertEquals(Standing.DUPLICATE, row.judge(at(100), digest(100)));
        assertEquals(Standing.DUPLICATE_UNVERIFIED, row.judge(at(99), digest(99)));
        assertEquals(Standing.DUPLICATE_UNVERIFIED, row.judge(at(3), digest(3)));
    }

    /** Whatever comes, in whatever order: a number is settled once, the mark has no holes, and only true copies are. */
    @Property(tries = 300)
    void everyNumberIsSettledOnceWhateverComes(
            @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 25) Integer> sequences,
            @ForAll @Size(min = 60, max = 60) List<@IntRange(max = 4) Integer> covered) {
        var row = new LedgerRow(0, new byte[0], RING);
        Map<Long, Boolean> settled = new HashMap<>();
        Set<Long> dropped = new HashSet<>();
        for (int i = 0; i < sequences.size(); i++) {
            long n = sequences.get(i);
            var position = new BatchPosition(1, n, Math.max(1, n - covered.get(i)));
            long before = row.mark();
            try {
                if (row.judge(position, digest(n)) == Standing.NEXT) {
                    long count = row.settle(position, digest(n));
                    assertEquals(n - before - 1, count);
                    for (long lost = before + 1; lost < n; lost++) {
                        assertEquals(true, lost >= position.coversFrom() && dropped.add(lost));
                    }
                    assertEquals(null, settled.put(n, true), "settled twice");
                } else {
                    assertEquals(true, settled.containsKey(n) || dropped.contains(n));
                }
            } catch (FaultException gap) {
                assertEquals(Fault.POSITION_GAP, gap.fault());
                assertEquals(true, position.coversFrom() > before + 1);
            }
        }
        assertEquals(row.mark(), settled.size() + dropped.size());
    }
}
