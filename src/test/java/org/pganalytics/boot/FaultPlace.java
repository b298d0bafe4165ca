package org.pganalytics.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.pganalytics.house.TestFolders;

/**
 * The folder of one run of {@code perf/faults}, with those of all that it starts in it. However the run ends, short of
 * SIGKILL, what it started has ended then, and the folder is gone, but for what somebody is to look into.
 */
final class FaultPlace {
    private static final int END_SECONDS = 20;

    private final Path folder;
    private boolean kept;
    private boolean ending;

    private FaultPlace(Path folder) {
        this.folder = folder;
    }

    static FaultPlace make() throws IOException {
        var place = new FaultPlace(TestFolders.make("faults"));
        System.setProperty(TestFolders.ROOT, place.folder.toString());
        Runtime.getRuntime().addShutdownHook(new Thread(place::end, "clear-up"));
        return place;
    }

    Path databases() {
        return folder.resolve("databases");
    }

    /** Leaves it where it is, when it went wrong by itself and not because a signal ends it; then where that is. */
    synchronized Optional<Path> keep() {
        kept = !ending;
        return kept ? Optional.of(folder) : Optional.empty();
    }

    private synchronized boolean isToGo() {
        ending = true;
        return !kept;
    }

    /** Killed processes take their children along. */
    private void end() {
        boolean goes = isToGo();
        try {
            var left = ProcessHandle.current().descendants().toList();
            left.forEach(ProcessHandle::destroyForcibly);
            CompletableFuture.allOf(left.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                    .get(END_SECONDS, TimeUnit.SECONDS);
            FaultDisk.leave(databases());
            if (goes) {
                delete();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException | ExecutionException | TimeoutException stuck) {
            throw new IllegalStateException("something runs on in " + folder, stuck);
        }
    }

    private void delete() throws IOException {
        try (var all = Files.walk(folder)) {
            for (var each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
