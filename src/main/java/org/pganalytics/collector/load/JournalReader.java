package org.pganalytics.collector.load;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Reads a journal as a whole: who the collectors were, and what became of each batch. Blocks; for a worker. */
final class JournalReader {
    private final Set<UUID> collectors = new HashSet<>();
    private final Map<Integer, UUID> collectorByNumber = new HashMap<>();
    private final List<SentBatch> settled = new ArrayList<>();
    private final Map<Integer, List<SentBatch>> open = new HashMap<>();

    private JournalReader() {}

    /** What became of a batch, as far as the collector was told. */
    enum Fate {
        ACKED,
        REFUSED,
        UNKNOWN
    }

    /** A batch as it left. @param collector who it was then, by its registration */
    record SentBatch(UUID collector, JournalEntry.Sending sending, Fate fate) {
        private boolean isOf(int epoch) {
            return sending.epoch() == epoch;
        }

        private SentBatch with(Fate newFate) {
            return new SentBatch(collector, sending, newFate);
        }
    }

    /** @param collectors every one that was ever registered */
    record Contents(Set<UUID> collectors, List<SentBatch> batches) {}

    static Contents read(Path path) throws IOException {
        var reader = new JournalReader();
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
            for (var entry = JournalCodec.decode(in); entry.isPresent(); entry = JournalCodec.decode(in)) {
                reader.take(entry.get());
            }
        }
        reader.open.values().forEach(reader.settled::addAll);
        return new Contents(reader.collectors, reader.settled);
    }

    private void take(JournalEntry entry) {
        if (entry instanceof JournalEntry.Registered registered) {
            collectors.add(registered.collector());
            collectorByNumber.put(registered.number(), registered.collector());
            // What is still unsettled goes on under the new registration.
            openOf(registered.number())
                    .replaceAll(batch -> new SentBatch(registered.collector(), batch.sending(), batch.fate()));
        } else if (entry instanceof JournalEntry.Sending sending) {
            int number = sending.source().collector();
            openOf(number).add(new SentBatch(collectorByNumber.get(number), sending, Fate.UNKNOWN));
        } else if (entry instanceof JournalEntry.Acked acked) {
            settle(acked);
        } else {
            var refused = (JournalEntry.Refused) entry;
            openOf(refused.number())
                    .replaceAll(batch ->
                            batch.isOf(refused.epoch()) && batch.sending().sequence() == refused.sequence()
                                    ? batch.with(Fate.REFUSED)
                                    : batch);
        }
    }

    private List<SentBatch> openOf(int collector) {
        return open.computeIfAbsent(collector, number -> new ArrayList<>());
    }

    private void settle(JournalEntry.Acked acked) {
        var batches = openOf(acked.number()).iterator();
        while (batches.hasNext()) {
            var batch = batches.next();
            if (batch.isOf(acked.epoch()) && batch.sending().sequence() <= acked.sequence()) {
                batches.remove();
                settled.add(batch.fate() == Fate.REFUSED ? batch : batch.with(Fate.ACKED));
            }
        }
    }
}
