package org.pganalytics.ingest.v3;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.wire.v3.Layout;
import org.pganalytics.wire.v3.V3Binary;
import org.pganalytics.wire.v3.V3Objects;
import org.pganalytics.wire.v3.V3Push;

/** What unpacks zstd takes memory outside of Java's, as much as the sender chose: 32 MiB here. */
class V3MemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int TIMES = 60;
    private static final long LEAKED_KIB_MAX = TIMES * (32L << 10) / 2;

    /** What is done each time. */
    interface Act {
        void act() throws IOException;
    }

    @BeforeEach
    void onlyThere() {
        assumeLinux();
    }

    static void assumeLinux() {
        assumeTrue(Files.exists(STATUS), "only Linux tells a process's memory in a file");
    }

    static void leavesNothingBehind(Act act) throws IOException {
        act.act();
        long before = memoryKib();
        for (int i = 0; i < TIMES; i++) {
            act.act();
        }
        long more = memoryKib() - before;
        assertTrue(more < LEAKED_KIB_MAX, () -> more + " KiB more than before");
    }

    private static long memoryKib() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmSize:"))
                .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    /** In the widest window that is taken. */
    static byte[] packed(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new ZstdOutputStreamNoFinalizer(packed).setLong(25)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void aPackedBodyThatIsLookedIntoLeavesNothingBehind() throws IOException {
        var ours = Buffer.buffer(packed("{\"epoch\":\"1\"}".getBytes(StandardCharsets.UTF_8)));
        var theirs = Buffer.buffer(packed("{\"metrics\":[]}".getBytes(StandardCharsets.UTF_8)));
        leavesNothingBehind(() -> {
            assertTrue(V3Pushes.look(ours).isEmpty());
            V3Pushes.look(theirs).orElseThrow().close();
        });
    }

    @Test
    void aBinaryPushThatIsClosedLeavesNothingBehind() throws IOException {
        var push = V3Objects.push("h", V3Objects.oneOfEach("2026-11-20T23:37:44Z", 1));
        var body = V3Binary.frame(push, V3MemoryTest::packed);
        leavesNothingBehind(() -> {
            var sender = new V3Push.Sender(UUID.randomUUID(), "h", Instant.now().getEpochSecond());
            try (var read = new V3Push(new Layout(List.of()), sender)) {
                read.open(body, 1 << 26);
                assertTrue(read.read(10));
            }
        });
    }
}
