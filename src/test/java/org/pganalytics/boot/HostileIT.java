package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.Digest;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.Preface;

/** Thousands of connections that mean harm cost a bounded amount of memory and time, and nobody else's service. */
class HostileIT {
    private static final String SECRET = "a secret for hostile tests";
    private static final int CONNECTIONS = 3_000;
    private static final int THREADS = 24;
    private static final int HALF_OPEN_MAX = 400;
    private static final int RSS_MAX_MIB = 1_200;
    private static final int TIMEOUT_MILLIS = 3_000;
    private static final int BOMB_BYTES = 60 << 20;

    private final Queue<Socket> halfOpen = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger hangUps = new AtomicInteger();
    private Program server;
    private List<HandCollector> insiders;
    private byte[] zstdBomb;
    private byte[] gzipBomb;

    /** What a connection does before it ends or is ended. */
    private enum Malice {
        GARBAGE_TCP,
        CUT_FRAME,
        FLIPPED_FRAME,
        OVERSIZED_LENGTH,
        WRONG_TOKEN_TCP,
        BOMB_TCP,
        SLOW_TCP,
        HALF_OPEN_TCP,
        GARBAGE_HTTP,
        WRONG_TOKEN_HTTP,
        OVERSIZED_HTTP,
        BOMB_HTTP,
        GZIP_BOMB_HTTP,
        SLOW_HTTP,
        HALF_OPEN_HTTP,
        CUT_HTTP
    }

    @Test
    void aStormOfMaliceLeavesTheServerReadySmallAndUseful() throws Exception {
        var data = Program.folder("hostile");
        var environment = Map.of("PGANALYTICS_REGISTRATION_SECRET", SECRET);
        server = Program.start(data, environment, "serve").untilReady();
        try (var running = server) {
            insiders = List.of(insider(1), insider(2), insider(3), insider(4), insider(5), insider(6));
            zstdBomb = Zstd.compress(new byte[BOMB_BYTES], 3);
            gzipBomb = gzip(BOMB_BYTES);

            storm();

            assertTrue(made.get() > CONNECTIONS * 9 / 10, made + " connections made, hung up on " + hangUps);
            assertEquals(200, running.status("/health/ready"));
            assertTrue(rssMib(running) < RSS_MAX_MIB, "resident: " + rssMib(running) + " MiB");
            try (var load = load(data)) {
                int code = load.waitFor(Duration.ofSeconds(120));
                assertEquals(0, code, load.output());
                assertTrue(load.json().getLong("rows_acked") > 1_000, load.output());
            }
            for (var socket : halfOpen) {
                socket.close();
            }
            assertEquals(200, running.status("/health/ready"));
            assertTrue(rssMib(running) < RSS_MAX_MIB, "resident: " + rssMib(running) + " MiB");
            assertFalse(running.output().contains("blocked"), "the event loop was never blocked");
            assertFalse(running.output().contains("OutOfMemory"), "no memory ran out");
        }
    }

    private void storm() throws Exception {
        var threads = Executors.newFixedThreadPool(THREADS);
        var all = Malice.values();
        var attacks = new ArrayList<Future<?>>();
        for (int number = 0; number < CONNECTIONS; number++) {
            var random = new Random(number);
            var malice = all[number % all.length];
            attacks.add(threads.submit(() -> attack(malice, random)));
        }
        threads.shutdown();
        assertTrue(threads.awaitTermination(150, TimeUnit.SECONDS), "the storm is bounded");
        for (var attack : attacks) {
            attack.get();
        }
    }

    /** That the server hangs up in the middle is its right. */
    private void attack(Malice malice, Random random) {
        boolean http = malice.name().endsWith("HTTP");
        try {
            var socket = new Socket();
            socket.connect(new InetSocketAddress("127.0.0.1", server.port(http ? "http" : "tcp")), TIMEOUT_MILLIS);
            made.incrementAndGet();
            socket.setSoTimeout(TIMEOUT_MILLIS);
            if (malice == Malice.HALF_OPEN_TCP || malice == Malice.HALF_OPEN_HTTP) {
                keepHalfOpen(socket, http);
                return;
            }
            try (socket) {
                if (malice == Malice.SLOW_TCP || malice == Malice.SLOW_HTTP) {
                    slowly(socket, bytes(malice, random));
                } else {
                    write(socket, bytes(malice, random));
                }
                readSome(socket, malice);
                if (malice == Malice.BOMB_TCP) {
                    write(socket, encoded(bomb(random)));
                    readSome(socket, malice);
                }
            }
        } catch (IOException hungUp) {
            hangUps.incrementAndGet();
        }
    }

    private void keepHalfOpen(Socket socket, boolean http) throws IOException {
        write(socket, http ? text("POST /api/v1/metrics/push HTTP/1.1\r\nHost: h\r\n") : new byte[] {0x50, 0x47});
        halfOpen.add(socket);
        if (halfOpen.size() > HALF_OPEN_MAX) {
            halfOpen.remove().close();
        }
    }

    private byte[] bytes(Malice malice, Random random) {
        return switch (malice) {
            case GARBAGE_TCP, GARBAGE_HTTP -> garbage(random, 1 + random.nextInt(20_000));
            case CUT_FRAME -> cut(session(random), random);
            case FLIPPED_FRAME -> flipped(session(random), random);
            case OVERSIZED_LENGTH ->
                joined(Preface.ours().encode().getBytes(), new byte[] {-1, -1, -1, -1, 8, 0, 0, 0});
            case WRONG_TOKEN_TCP ->
                joined(Preface.ours().encode().getBytes(), encoded(hello("not.a.token" + random.nextInt())));
            case BOMB_TCP, SLOW_TCP -> session(random);
            default -> httpBytes(malice, random);
        };
    }

    private byte[] httpBytes(Malice malice, Random random) {
        var token = insiders.get(random.nextInt(insiders.size())).token;
        var nativeType = HttpBatch.MEDIA_TYPE;
        return switch (malice) {
            case WRONG_TOKEN_HTTP -> request("e30.e30." + random.nextInt(), nativeType, garbage(random, 500), 500);
            case OVERSIZED_HTTP -> request(token, nativeType, garbage(random, 100), 1L << 40);
            case BOMB_HTTP -> request(token, nativeType, zstdBomb, zstdBomb.length);
            case GZIP_BOMB_HTTP -> request(token, "application/json", gzipBomb, gzipBomb.length);
            case SLOW_HTTP -> request(token, "application/json", garbage(random, 300), 300);
            default -> request(token, nativeType, garbage(random, 1_000), 50_000);
        };
    }

    private byte[] session(Random random) {
        var insider = insiders.get(random.nextInt(insiders.size()));
        return joined(Preface.ours().encode().getBytes(), encoded(insider.hello()));
    }

    private Frame bomb(Random random) {
        var position = new BatchPosition(1, 1 + random.nextInt(3), 1);
        var header = new BatchHeader(position, Digest.of(new byte[0]), BOMB_BYTES, List.of());
        return new Frame.BatchFrame(header, Buffer.buffer(zstdBomb));
    }

    private static Frame hello(String token) {
        return new Frame.Hello(token, "x", UUID.randomUUID(), Set.of(), 0);
    }

    private static byte[] encoded(Frame frame) {
        return HandCollector.CODEC.encode(frame).getBytes();
    }

    private static byte[] request(String token, String mediaType, byte[] body, long length) {
        var head = "POST /api/v1/metrics/push HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n"
                        .formatted(token, mediaType)
                + "Content-Length: %d\r\n\r\n".formatted(length);
        return joined(text(head), body);
    }

    private static byte[] garbage(Random random, int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] cut(byte[] whole, Random random) {
        return Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
    }

    private static byte[] flipped(byte[] whole, Random random) {
        int bit = random.nextInt(whole.length * 8);
        whole[bit / 8] ^= (byte) (1 << bit % 8);
        return whole;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        return Buffer.buffer(first).appendBytes(second).getBytes();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] gzip(int zeros) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(new byte[zeros]);
        }
        return out.toByteArray();
    }

    private static void write(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    private static void slowly(Socket socket, byte[] bytes) throws IOException {
        for (int at = 0; at < Math.min(bytes.length, 40); at++) {
            socket.getOutputStream().write(bytes[at]);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static void readSome(Socket socket, Malice malice) throws IOException {
        boolean waits = malice == Malice.BOMB_TCP || malice == Malice.BOMB_HTTP || malice == Malice.GZIP_BOMB_HTTP;
        socket.setSoTimeout(waits ? TIMEOUT_MILLIS : 50);
        socket.getInputStream().read(new byte[4_096]);
    }

    private HandCollector insider(int number) throws Exception {
        return HandCollector.register(server, SECRET, "insider " + number);
    }

    private static long rssMib(Program program) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + program.process().pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .findFirst()
                .orElseThrow();
    }

    private static Program load(Path data) throws IOException {
        return Program.start(
                data,
                Map.of(),
                "load",
                "--server=127.0.0.1:" + new PortsFile(data).read().orElseThrow().getInteger("tcp"),
                "--registration-secret=" + SECRET,
                "--collectors=10",
                "--targets=1",
                "--interval=1",
                "--duration=10",
                "--mode=tcp",
                "--json",
                "--verify");
    }
}
