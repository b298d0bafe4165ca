package org.pganalytics.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A port before a database whose way there can be made as narrow as one likes; the way back stays wide. */
final class Narrows implements AutoCloseable {
    private static final int CHUNK_BYTES = 8_192;

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong passed = new AtomicLong();
    private final int behind;
    private volatile long bytesPerSecond = Long.MAX_VALUE;
    private long freeAtNanos = System.nanoTime();

    Narrows(int behind) throws IOException {
        this.behind = behind;
        run("narrows", this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /** Bytes that went to the database so far. */
    long passed() {
        return passed.get();
    }

    /** From the next bytes on, all connections together. */
    void limit(long limitBytesPerSecond) {
        bytesPerSecond = limitBytesPerSecond;
    }

    private void accept() throws IOException {
        while (true) {
            var near = door.accept();
            var far = new Socket(InetAddress.getLoopbackAddress(), behind);
            sockets.addAll(List.of(near, far));
            run("narrows-there", () -> pump(near, far, true));
            run("narrows-back", () -> pump(far, near, false));
        }
    }

    private void pump(Socket from, Socket to, boolean narrow) throws IOException {
        try (from;
                to) {
            var chunk = new byte[CHUNK_BYTES];
            for (int length = from.getInputStream().read(chunk);
                    length >= 0;
                    length = from.getInputStream().read(chunk)) {
                if (narrow) {
                    squeeze(length);
                }
                to.getOutputStream().write(chunk, 0, length);
            }
        }
    }

    private void squeeze(int length) {
        passed.addAndGet(length);
        long free = turn(length);
        for (long left = free - System.nanoTime(); left > 0; left = free - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private synchronized long turn(int length) {
        long now = System.nanoTime();
        long free = Math.max(now, freeAtNanos);
        freeAtNanos = bytesPerSecond == Long.MAX_VALUE ? now : free + length * 1_000_000_000L / bytesPerSecond;
        return bytesPerSecond == Long.MAX_VALUE ? now : free;
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Ends with its socket. */
    private static void run(String name, Work work) {
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // One side has closed: so has the other, by now.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            door.close();
            for (var socket : sockets) {
                socket.close();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
