package org.pganalytics.wire.v3;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.pganalytics.model.Batch;
import org.pganalytics.model.BatchContent;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Digest;
import org.pganalytics.model.SecondRanges;
import org.pganalytics.model.SecondRanges.LogLines;
import org.pganalytics.model.Seconds;
import org.pganalytics.wire.NativeJson;

/** The objects of one type and database in a push. */
final class PartRun {
    private static final Digest NO_DIGEST = Digest.of(new byte[0]);

    private final String type;
    private final String database;
    private final PushBatches.Window window;
    private final List<PushedObject> gathered = new ArrayList<>();
    private final Set<Long> fresh = new HashSet<>();
    private Seconds before = Seconds.NONE;

    PartRun(String type, String database, PushBatches.Window window) {
        this.type = type;
        this.database = database;
        this.window = window;
    }

    /** Returns false for an object of a second that was there before. */
    boolean add(PushedObject object) {
        long second = second(object);
        if (before.contains(second) || !fresh.add(second)) {
            return false;
        }
        gathered.add(object);
        return true;
    }

    private long second(PushedObject object) {
        return object.second().orElse(window.now());
    }

    List<Batch> flush(UUID collector, String target) {
        before =
                before.plus(Seconds.of(fresh.stream().mapToLong(Long::longValue).toArray()));
        fresh.clear();
        var batches = new ArrayList<Batch>();
        Predicate<PushedObject> refused = object -> object.refusal() != null;
        Predicate<PushedObject> plausible = object -> window.holds(second(object));
        kept(collector, target, refused.negate().and(plausible)).ifPresent(batches::add);
        kept(collector, target, refused.negate().and(plausible.negate())).ifPresent(batches::add);
        var bad = gathered.stream().filter(refused).toList();
        if (!bad.isEmpty()) {
            batches.add(setAside(collector, bad));
        }
        gathered.clear();
        return batches;
    }

    private Optional<Batch> kept(UUID collector, String target, Predicate<PushedObject> which) {
        var objects = gathered.stream().filter(which).toList();
        if (objects.isEmpty()) {
            return Optional.empty();
        }
        var blocks = type.equals(PushedObject.LOG) ? logBlocks(objects, target) : blocks(objects, target);
        var raw = new Batch.Raw(
                NativeJson.MEDIA_TYPE,
                (int) Math.min(objects.stream().mapToLong(PushedObject::bytes).sum(), Integer.MAX_VALUE),
                () -> NativeJson.encode(new BatchPosition(1, 1, 1), List.of(), blocks));
        return Optional.of(batch(collector, position(objects), new BatchContent.Decoded(blocks), raw));
    }

    private static Batch batch(UUID collector, SecondRanges position, BatchContent content, Batch.Raw raw) {
        return new Batch(collector, position, NO_DIGEST, List.of(), content, raw);
    }

    private SecondRanges position(List<PushedObject> objects) {
        var seconds = Seconds.of(objects.stream().mapToLong(this::second).toArray());
        return new SecondRanges(type, database, seconds, type.equals(PushedObject.LOG) ? log(objects) : null);
    }

    /** An object without lines, of a log that was just rotated say, tells nothing of what comes after it. */
    private LogLines log(List<PushedObject> objects) {
        var filled = objects.stream().filter(object -> object.rowCount() > 0).toList();
        return filled.isEmpty()
                ? new LogLines(second(objects.get(0)), new long[0], new long[0])
                : new LogLines(
                        second(filled.get(0)),
                        filled.get(0).lines(),
                        filled.get(filled.size() - 1).lines());
    }

    private List<ColumnBlock> blocks(List<PushedObject> objects, String target) {
        var blocks = new ArrayList<ColumnBlock>();
        for (var object : objects) {
            for (var rows : object.rows()) {
                blocks.add(block(object, rows, target, 0, rows.count()));
            }
        }
        return blocks;
    }

    private ColumnBlock block(PushedObject object, Rows rows, String target, int from, int to) {
        return rows.block(target, database, Math.multiplyExact(second(object), 1_000_000L), from, to);
    }

    /** The first object's lines one a block, of the others those that do not overlap with the object before. */
    private List<ColumnBlock> logBlocks(List<PushedObject> objects, String target) {
        var blocks = new ArrayList<ColumnBlock>();
        long[] earlier = null;
        for (var object : objects) {
            var lines = object.lines();
            int from = earlier == null ? 0 : SecondRanges.overlap(earlier, lines);
            int step = earlier == null ? 1 : lines.length;
            for (int line = from; line < lines.length; line += step) {
                var rows = object.rows().get(0);
                blocks.add(block(object, rows, target, line, Math.min(line + step, lines.length)));
            }
            earlier = lines.length == 0 ? earlier : lines;
        }
        return blocks;
    }

    /** What it said is not kept, only that it was there and why it could not be. */
    private Batch setAside(UUID collector, List<PushedObject> bad) {
        var content = new BatchContent.Undecodable(bad.get(0).refusal());
        var said = "{\"type\":\"%s\",\"database\":\"%s\",\"objects\":%d}"
                .formatted(type.replaceAll("[\"\\\\]", "?"), database.replaceAll("[\"\\\\]", "?"), bad.size());
        var raw = new Batch.Raw(
                "application/vnd.pganalytics.v3+json", Buffer.buffer(said.getBytes(StandardCharsets.UTF_8)));
        var seconds = Seconds.of(bad.stream().mapToLong(this::second).toArray());
        return batch(collector, new SecondRanges(type, database, seconds, null), content, raw);
    }
}
