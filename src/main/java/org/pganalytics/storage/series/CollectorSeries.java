package org.pganalytics.storage.series;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.Position;
import org.pganalytics.storage.series.SeriesCount.Bound;

/** The series of one collector today. Its batches come one after the other, so that nobody waits for its lock. */
final class CollectorSeries {
    private static final int EARLIER_MAX = 1_000;

    private final UUID collector;
    private final SeriesHash hash;
    private final SeriesMemory.Share following;
    private final SeriesSet series;
    private final Map<String, FamilySeries> families = new HashMap<>();
    private final Chain chain = new Chain();
    private final List<SeriesCount> ofEarlierDays = new ArrayList<>();
    private long day;
    private long seenOn;
    private boolean retired;

    CollectorSeries(UUID collector, SeriesHash hash, SeriesMemory counting, SeriesMemory following, long day) {
        this.collector = collector;
        this.hash = hash;
        this.following = following.share();
        this.series = new SeriesSet(counting.share());
        this.day = day;
        this.seenOn = day;
    }

    /**
     * What a batch is held to.
     *
     * @param declared families as the server declares them
     * @param day UTC, since 1970
     */
    record Rules(SeriesConfig limits, Function<String, MetricFamily> declared, long day) {
        /** Most series of a family; 0 when they are not counted. */
        int most(MetricFamily family) {
            return family.seriesMax().orElse(limits.perFamilyMax());
        }
    }

    /** Rows of a block that are too many. */
    private record Excess(FamilySeries family, BlockColumns columns, BitSet rows, int unfollowed, boolean dictionary) {}

    /** @return empty when this one is retired: there is to be another */
    synchronized Optional<List<FoldedBlock>> fold(Position position, List<ColumnBlock> blocks, Rules rules) {
        if (retired) {
            return Optional.empty();
        }
        comeTo(rules.day());
        seenOn = day;
        boolean follows = follows(position);
        // One of those before says again what was said of its time.
        boolean tells = follows || position == null;
        var excesses = new ArrayList<Excess>(blocks.size());
        blocks.forEach(block -> excesses.add(excess(block, rules, follows)));
        overflows().forEach(Overflow::end);
        var folded = new ArrayList<FoldedBlock>(blocks.size());
        for (int at = 0; at < blocks.size(); at++) {
            folded.add(folded(blocks.get(at), excesses.get(at), tells));
        }
        overflows().forEach(Overflow::forgetOldest);
        return Optional.of(folded);
    }

    private boolean follows(Position position) {
        var step = position instanceof BatchPosition number ? chain.next(number) : Chain.Step.STRAYS;
        if (step == Chain.Step.FIRST) {
            forgetFollowed();
        }
        return step != Chain.Step.STRAYS;
    }

    /** Counts the series of a block. @return null when none is too many */
    private Excess excess(ColumnBlock block, Rules rules, boolean follows) {
        var declared = rules.declared().apply(block.schema().family());
        int most = rules.most(declared);
        if (most == 0) {
            return null;
        }
        var family = families.computeIfAbsent(declared.name(), FamilySeries::new);
        var columns = family.columns(block.schema(), declared);
        if (columns.keys().length == 0) {
            return null;
        }
        family.limit(most);
        var hashes = hash.series(block, columns);
        var rows = tooMany(hashes, family, rules.limits().perCollectorMax());
        if (rows == null) {
            return null;
        }
        boolean dictionary = declared.kind() == MetricFamily.Kind.DICTIONARY;
        int unfollowed = columns.counters().length > 0 ? rows.cardinality() : 0;
        if (follows && unfollowed > 0) {
            int room = Math.max(0, rules.limits().followedMax() - followed());
            unfollowed = overflow(family, declared).follow(block, columns, hashes, rows, room);
        }
        return new Excess(family, columns, rows, unfollowed, dictionary);
    }

    private BitSet tooMany(long[] hashes, FamilySeries family, int ofAllMost) {
        BitSet rows = null;
        for (int row = 0; row < hashes.length; row++) {
            if (!series.has(hashes[row]) && !add(hashes[row], family, ofAllMost)) {
                rows = rows == null ? new BitSet(hashes.length) : rows;
                rows.set(row);
            }
        }
        return rows;
    }

    private boolean add(long hash, FamilySeries family, int ofAllMost) {
        if (family.isFull()) {
            family.met(Bound.FAMILY);
        } else if (series.size() >= ofAllMost) {
            family.met(Bound.COLLECTOR);
        } else if (!series.add(hash)) {
            family.met(Bound.MEMORY);
        } else {
            family.grew(hash);
            return true;
        }
        return false;
    }

    private Overflow overflow(FamilySeries family, MetricFamily declared) {
        if (family.overflow() == null) {
            // Twice the time after which a row that did not move comes again.
            long keepMicros = 2_000 * declared.reading().fullEvery().toMillis();
            family.overflow(new Overflow(following, keepMicros));
        }
        return family.overflow();
    }

    private Stream<Overflow> overflows() {
        return families.values().stream().map(FamilySeries::overflow).filter(Objects::nonNull);
    }

    private int followed() {
        return overflows().mapToInt(Overflow::followed).sum();
    }

    private static FoldedBlock folded(ColumnBlock block, Excess excess, boolean tells) {
        if (excess == null) {
            return new FoldedBlock(block, Folding.NONE);
        }
        int rows = excess.rows().cardinality();
        if (excess.dictionary()) {
            return new FoldedBlock(OtherRow.without(block, excess.rows()), new Folding(rows, 0, 0));
        }
        var overflow = excess.family().overflow();
        var counters = tells && overflow != null ? overflow.counters(block) : null;
        return new FoldedBlock(
                OtherRow.into(block, excess.columns(), excess.rows(), counters),
                new Folding(rows, excess.unfollowed(), 1));
    }

    /** @param here whether this server has committed it, not another one or nobody */
    synchronized void answered(BatchPosition position, boolean here) {
        if (!here) {
            chain.broken();
        } else if (!chain.settled(position)) {
            forgetFollowed();
        }
    }

    /** It is committed. @return whether it is the first of its family today */
    synchronized boolean committed(String family, Folding folding) {
        return families.computeIfAbsent(family, FamilySeries::new).folded(folding);
    }

    synchronized SeriesCount count(String family) {
        return families.computeIfAbsent(family, FamilySeries::new).count(collector, LocalDate.ofEpochDay(day));
    }

    /** What changed since it was taken last, and what is left of earlier days. */
    synchronized List<SeriesCount> takeChanges(long today) {
        comeTo(today);
        var changes = new ArrayList<>(ofEarlierDays);
        ofEarlierDays.clear();
        changes.addAll(changed());
        families.values().forEach(family -> family.changed(false));
        return changes;
    }

    /** It could not be written. */
    synchronized void putBack(SeriesCount count) {
        if (count.day().toEpochDay() == day) {
            families.get(count.family()).changed(true);
        } else {
            ofEarlierDays(count);
        }
    }

    /** One that could not be written may have grown before its day was over. */
    private void ofEarlierDays(SeriesCount count) {
        for (int at = 0; at < ofEarlierDays.size(); at++) {
            if (ofEarlierDays.get(at).isOfSame(count)) {
                ofEarlierDays.set(at, ofEarlierDays.get(at).and(count));
                return;
            }
        }
        if (ofEarlierDays.size() < EARLIER_MAX) {
            ofEarlierDays.add(count);
        }
    }

    /** One that has sent nothing today, and of which all is told, need not be kept. */
    synchronized boolean retire(long today) {
        retired = seenOn < today && ofEarlierDays.isEmpty();
        if (retired) {
            series.clear();
            following.giveAll();
        }
        return retired;
    }

    synchronized int size() {
        return series.size();
    }

    private void forgetFollowed() {
        families.values().forEach(family -> family.overflow(null));
        following.giveAll();
    }

    private void comeTo(long today) {
        if (today > day) {
            changed().forEach(this::ofEarlierDays);
            families.values().forEach(FamilySeries::newDay);
            series.clear();
            day = today;
        }
    }

    private List<SeriesCount> changed() {
        return families.values().stream()
                .filter(FamilySeries::changed)
                .map(family -> family.count(collector, LocalDate.ofEpochDay(day)))
                .toList();
    }
}
