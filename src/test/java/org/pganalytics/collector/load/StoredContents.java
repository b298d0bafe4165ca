package org.pganalytics.collector.load;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.collector.load.FakeServer.Account;
import org.pganalytics.collector.load.JournalReader.Fate;

/** What a fake server keeps and what a journal says, in one form: content by collector, family, target and time. */
final class StoredContents {
    private StoredContents() {}

    static Map<List<Object>, ContentHash> of(Map<UUID, Account> accounts) {
        var contents = new HashMap<List<Object>, ContentHash>();
        accounts.forEach((collector, account) -> account.stored.forEach(block -> contents.merge(
                List.of(collector, block.schema().family(), block.target(), block.collectedAtMicros()),
                ContentHash.of(block),
                (first, again) -> new ContentHash(first.rows() + again.rows(), first.sum() + again.sum()))));
        return contents;
    }

    static Map<List<Object>, ContentHash> journalled(Path dir, Fate fate) throws Exception {
        var contents = new HashMap<List<Object>, ContentHash>();
        for (var batch : read(dir).batches()) {
            if (batch.fate() == fate) {
                var source = batch.sending().source();
                batch.sending()
                        .families()
                        .forEach(family -> contents.put(
                                List.of(
                                        batch.collector(),
                                        TestFamilies.ALL.get(family.family()).name(),
                                        FleetNames.target(source),
                                        source.collectedAtMicros()),
                                family.content()));
            }
        }
        return contents;
    }

    static long batches(Path dir, Fate fate) throws Exception {
        return read(dir).batches().stream()
                .filter(batch -> batch.fate() == fate)
                .count();
    }

    private static JournalReader.Contents read(Path dir) throws Exception {
        try (var files = Files.list(dir)) {
            return JournalReader.read(files.findFirst().orElseThrow());
        }
    }

    static long rows(Map<List<Object>, ContentHash> contents) {
        return contents.values().stream().mapToLong(ContentHash::rows).sum();
    }
}
