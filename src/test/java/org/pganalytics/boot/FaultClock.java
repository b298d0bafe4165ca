package org.pganalytics.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A wrong clock for one process: Debian's libfaketime. */
final class FaultClock {
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"));

    private FaultClock() {}

    static Optional<String> missing() {
        return found().isPresent()
                ? Optional.empty()
                : Optional.of("no libfaketime; on Debian: apt-get install faketime");
    }

    private static Optional<Path> found() {
        return PLACES.stream().filter(Files::exists).findFirst();
    }

    /** The environment of a process whose wall clock is so many seconds ahead, or behind; its other clocks are right. */
    static Map<String, String> wrongBy(int seconds) {
        return Map.of(
                "LD_PRELOAD",
                found().orElseThrow().toString(),
                "FAKETIME",
                "%+d".formatted(seconds),
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                // Else whatever waits for a time on the monotonic clock does not wait at all.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0");
    }
}
