package org.pganalytics.audit.chain;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Checkpoints that were kept outside the database: the chain must lead to each of them. */
public final class OutsideCheckpoints {
    private final TreeMap<Long, List<Checkpoint>> left = new TreeMap<>();
    private final List<Checkpoint> all;

    private OutsideCheckpoints(List<Checkpoint> all) {
        this.all = all;
        all.forEach(each -> left.computeIfAbsent(each.position(), position -> new ArrayList<>())
                .add(each));
    }

    public static OutsideCheckpoints none() {
        return new OutsideCheckpoints(List.of());
    }

    /** Blocking. @throws IllegalArgumentException naming file and line that are no checkpoint */
    public static OutsideCheckpoints read(List<Path> files) throws IOException {
        var all = new ArrayList<Checkpoint>();
        for (var file : files) {
            all.addAll(CheckpointFile.read(file));
        }
        return new OutsideCheckpoints(all);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    Optional<String> unsigned(AuditKeys keys) {
        return all.stream()
                .filter(each -> !each.isSigned(keys))
                .findFirst()
                .map(each -> "the checkpoint file's own position %d is not signed with a key of ours"
                        .formatted(each.position()));
    }

    /** What was pruned cannot be compared any more. */
    void skipTo(long position) {
        left.headMap(position, true).clear();
    }

    /** What the files say otherwise of positions up to this checkpoint's. */
    Optional<String> differs(Checkpoint inside) {
        var passed = left.headMap(inside.position(), true);
        var found = passed.entrySet().stream()
                .filter(each -> each.getKey() < inside.position() || isOther(each, inside))
                .findFirst()
                .map(each ->
                        "position %d: the checkpoint file says otherwise, the chain was made anew from there or before"
                                .formatted(each.getKey()));
        passed.clear();
        return found;
    }

    private static boolean isOther(Map.Entry<Long, List<Checkpoint>> outside, Checkpoint inside) {
        return outside.getValue().stream()
                .anyMatch(each -> !each.chain().equals(inside.chain()) || !Arrays.equals(each.hash(), inside.hash()));
    }

    Optional<String> beyond(long end) {
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of("position %d is missing: the checkpoint file says that the chain went on to %d"
                        .formatted(Math.max(end, left.firstKey() - 1) + 1, left.lastKey()));
    }
}
