package org.pganalytics.collector;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Loss.Reason;
import org.pganalytics.wire.BatchHeader;

/** Sums of losses, one a family and reason, and their form in the spool. */
final class Losses {
    private Losses() {}

    /** What is lost when these blocks are. */
    static List<Loss> of(List<ColumnBlock> blocks, Reason reason) {
        return merged(blocks.stream()
                .map(block -> new Loss(
                        block.schema().family(),
                        reason,
                        block.rows(),
                        block.collectedAtMicros(),
                        block.collectedAtMicros()))
                .toList());
    }

    static Loss unknown(Reason reason, long rows, long atMicros) {
        return new Loss("", reason, rows, atMicros, atMicros);
    }

    /** One a family and reason; beyond what a header holds, the rest are summed without their family. */
    static List<Loss> merged(Collection<Loss> losses) {
        Map<String, Loss> sums = new LinkedHashMap<>();
        for (var loss : losses) {
            sums.merge(loss.family() + ' ' + loss.reason(), loss, Losses::sum);
        }
        if (sums.size() <= BatchHeader.LOSSES_MAX) {
            return List.copyOf(sums.values());
        }
        return merged(sums.values().stream()
                .map(loss -> new Loss("", loss.reason(), loss.rows(), loss.fromMicros(), loss.toMicros()))
                .toList());
    }

    private static Loss sum(Loss one, Loss other) {
        return new Loss(
                one.family(),
                one.reason(),
                one.rows() + other.rows(),
                Math.min(one.fromMicros(), other.fromMicros()),
                Math.max(one.toMicros(), other.toMicros()));
    }

    static Loss because(Loss loss, Reason reason) {
        return new Loss(loss.family(), reason, loss.rows(), loss.fromMicros(), loss.toMicros());
    }

    static String format(List<Loss> losses) {
        var text = new StringBuilder();
        for (var loss : losses) {
            text.append(loss.family()).append(' ').append(loss.reason().wireCode());
            text.append(' ').append(loss.rows()).append(' ').append(loss.fromMicros());
            text.append(' ').append(loss.toMicros()).append('\n');
        }
        return text.toString();
    }

    static List<Loss> parse(String text) {
        var losses = new ArrayList<Loss>();
        text.lines().forEach(line -> {
            var parts = line.split(" ", -1);
            losses.add(new Loss(
                    parts[0],
                    Reason.ofWireCode(Integer.parseInt(parts[1])).orElseThrow(),
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    Long.parseLong(parts[4])));
        });
        return losses;
    }

    static boolean touch(List<Loss> losses, String family) {
        return losses.stream()
                .anyMatch(loss -> loss.family().equals(family) || loss.family().isEmpty());
    }
}
