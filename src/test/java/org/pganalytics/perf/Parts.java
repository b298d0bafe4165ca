package org.pganalytics.perf;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/** Which comparisons a run makes: all, or those named. */
final class Parts {
    private static final List<String> KNOWN = List.of(
            "wire",
            "jmh",
            "copy",
            "copy-small",
            "copy-direct",
            "ack",
            "reads",
            "victoria",
            "v3",
            "idle",
            "start",
            "heap",
            "held",
            "limits",
            "disk",
            "agent");

    /** What has no ratio that a busy machine could be held to, or takes long, is left to full runs. */
    private static final List<String> SHORT =
            List.of("wire", "copy", "copy-small", "ack", "victoria", "v3", "idle", "start", "heap", "held", "limits");

    private final List<String> wanted;
    private final boolean areNamed;
    private final List<String> failed = new ArrayList<>();

    private Parts(List<String> wanted, boolean areNamed) {
        this.wanted = wanted;
        this.areNamed = areNamed;
    }

    /** @param names separated by commas; "" for all of a run of this length, {@code short} or {@code full} */
    static Parts of(String names, String length) {
        var all = length.equals("short") ? SHORT : KNOWN;
        var wanted = names.isEmpty() ? all : List.of(names.split(",", -1));
        wanted.stream().filter(name -> !KNOWN.contains(name)).forEach(name -> {
            throw new IllegalArgumentException(
                    "there is no part '%s'; there are: %s".formatted(name, String.join(", ", KNOWN)));
        });
        return new Parts(wanted, !names.isEmpty());
    }

    /** A comparison. */
    interface Part {
        void run() throws IOException, InterruptedException, GeneralSecurityException;
    }

    boolean areAll() {
        return wanted.containsAll(KNOWN);
    }

    boolean haveAny(String... names) {
        return List.of(names).stream().anyMatch(wanted::contains);
    }

    /** Those that could not be measured. */
    List<String> failed() {
        return List.copyOf(failed);
    }

    void run(String name, Part part) {
        if (wanted.contains(name)) {
            attempt(name, part);
        }
    }

    /** Something that a part needs is not to be had: a failure where the part was asked for by its name. */
    void lacks(String name, String what) {
        if (wanted.contains(name)) {
            System.out.printf("perf/run: %s: there is no %s%n", name, what);
            if (areNamed) {
                failed.add(name);
            }
        }
    }

    /** Whether it is wanted or not. Says how long it took, so that a long run can be followed; a failure is for the end. */
    void attempt(String name, Part part) {
        long begun = System.nanoTime();
        System.out.println(name);
        try {
            part.run();
        } catch (IOException | GeneralSecurityException | RuntimeException failure) {
            failed.add(name);
            System.out.printf("perf/run: %s could not be measured: %s%n", name, failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(name + " was interrupted", e);
        }
        System.out.printf("  (%d s)%n", (System.nanoTime() - begun) / 1_000_000_000);
    }
}
