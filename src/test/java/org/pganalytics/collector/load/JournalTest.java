package org.pganalytics.collector.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.collector.load.JournalReader.Fate;
import org.pganalytics.model.Digest;

@ExtendWith(VertxExtension.class)
class JournalTest {
    private static final UUID WHO = UUID.randomUUID();

    @TempDir
    private Path dir;

    @Test
    void whatWasAddedIsReadBackWithItsFate(Vertx vertx) throws Exception {
        write(
                vertx,
                new JournalEntry.Registered(3, WHO),
                sending(1, 1),
                sending(1, 2),
                sending(1, 3),
                new JournalEntry.Refused(3, 1, 2),
                new JournalEntry.Acked(3, 1, 2));

        var contents = JournalReader.read(file());

        assertEquals(Set.of(WHO), contents.collectors());
        assertEquals(
                List.of(Fate.ACKED, Fate.REFUSED, Fate.UNKNOWN),
                contents.batches().stream().map(JournalReader.SentBatch::fate).toList());
        assertEquals(sending(1, 3), contents.batches().get(2).sending());
        assertTrue(
                contents.batches().stream().allMatch(batch -> batch.collector().equals(WHO)));
    }

    @Test
    void anAckIsForItsEpochAndItsCollectorOnly(Vertx vertx) throws Exception {
        write(
                vertx,
                new JournalEntry.Registered(3, WHO),
                sending(2, 1),
                new JournalEntry.Acked(3, 1, 9),
                new JournalEntry.Acked(4, 2, 9));

        assertEquals(Fate.UNKNOWN, JournalReader.read(file()).batches().get(0).fate());
    }

    @Test
    void whatIsUnsettledGoesOnUnderANewRegistration(Vertx vertx) throws Exception {
        var renewed = UUID.randomUUID();
        write(
                vertx,
                new JournalEntry.Registered(3, WHO),
                sending(1, 1),
                new JournalEntry.Acked(3, 1, 1),
                sending(1, 2),
                new JournalEntry.Registered(3, renewed),
                new JournalEntry.Acked(3, 1, 2));

        var batches = JournalReader.read(file()).batches();
        assertEquals(
                List.of(WHO, renewed),
                batches.stream().map(JournalReader.SentBatch::collector).toList());
    }

    @Test
    void aJournalCutAnywhereIsReadUpToThere(Vertx vertx) throws Exception {
        write(vertx, new JournalEntry.Registered(3, WHO), sending(1, 1), sending(1, 2));
        var whole = Files.readAllBytes(file());
        int before = 0;
        for (int length = 0; length < whole.length; length++) {
            Files.write(file(), java.util.Arrays.copyOf(whole, length));
            var batches = JournalReader.read(file()).batches();
            assertTrue(batches.size() >= before && batches.size() < 2, "cut at " + length + ": " + batches.size());
            before = batches.size();
        }
        assertEquals(1, before, "the first is whole when the second is cut");
    }

    @Test
    void thousandsOfEntriesShareTheirFsyncs(Vertx vertx) throws Exception {
        var journal = Journal.open(vertx, file());
        long start = System.nanoTime();
        var added = LongStream.rangeClosed(1, 20_000)
                .mapToObj(sequence -> journal.add(sending(1, sequence)))
                .toList();
        await(Future.all(added));
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10));
        await(journal.close());

        var sequences = JournalReader.read(file()).batches().stream()
                .map(batch -> batch.sending().sequence())
                .toList();
        assertEquals(LongStream.rangeClosed(1, 20_000).boxed().toList(), sequences);
    }

    @Test
    void aJournalThatCannotBeWrittenFailsWhatIsAdded(Vertx vertx) throws Exception {
        var journal = Journal.open(vertx, Path.of("/dev/full"));
        var added = journal.add(sending(1, 1));
        added.otherwiseEmpty().await(10, TimeUnit.SECONDS);
        assertTrue(added.failed());
        await(journal.close().otherwiseEmpty());
    }

    private void write(Vertx vertx, JournalEntry... entries) throws IOException, java.util.concurrent.TimeoutException {
        var journal = Journal.open(vertx, file());
        await(Future.all(List.of(entries).stream().map(journal::add).toList()));
        await(journal.close());
    }

    private static <T> T await(Future<T> future) throws java.util.concurrent.TimeoutException {
        return future.await(10, TimeUnit.SECONDS);
    }

    private Path file() {
        return dir.resolve("journal");
    }

    private static JournalEntry.Sending sending(int epoch, long sequence) {
        return new JournalEntry.Sending(
                new SampleSource(3, 1, (int) sequence, 5_000 + sequence),
                epoch,
                sequence,
                Digest.of(new byte[] {(byte) sequence}),
                List.of(new JournalEntry.FamilyContent(0, new ContentHash(2, sequence * 77))));
    }
}
