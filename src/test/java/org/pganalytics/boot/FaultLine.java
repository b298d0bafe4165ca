package org.pganalytics.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** A port before another one, on which everything that happens to a line can be made to happen. */
final class FaultLine implements AutoCloseable {
    private static final int CHUNK_BYTES = 16_384;
    private static final int CORRUPT_ONE_IN = 20;

    private final ServerSocket door = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final RandomGenerator random;
    private final int behind;
    private volatile boolean isCut;
    private volatile boolean corrupts;
    private volatile long delayMillis;

    /** @param random says which bits are bent */
    FaultLine(int behind, RandomGenerator random) throws IOException {
        this.behind = behind;
        this.random = random;
        start("accept", this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /** Cuts what is open, and what opens until it is whole again. */
    void cut() {
        isCut = true;
        sockets.forEach(FaultLine::close);
    }

    /** Each piece of each direction comes as much later. */
    void delay(long millis) {
        delayMillis = millis;
    }

    /** A bit of some of the pieces is bent. */
    void corrupt() {
        corrupts = true;
    }

    void mend() {
        isCut = false;
        corrupts = false;
        delayMillis = 0;
    }

    private void accept() throws IOException {
        while (true) {
            var near = door.accept();
            sockets.add(near);
            if (isCut) {
                close(near);
                sockets.remove(near);
            } else {
                start("connect", () -> connect(near));
            }
        }
    }

    private void connect(Socket near) throws IOException {
        try {
            near.setTcpNoDelay(true);
            var far = new Socket(InetAddress.getLoopbackAddress(), behind);
            sockets.add(far);
            far.setTcpNoDelay(true);
            start("back", () -> pump(far, near));
            pump(near, far);
        } finally {
            close(near);
            sockets.remove(near);
        }
    }

    private void pump(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            var chunk = new byte[CHUNK_BYTES];
            for (int length = from.getInputStream().read(chunk);
                    length >= 0 && !isCut;
                    length = from.getInputStream().read(chunk)) {
                trouble(chunk, length);
                to.getOutputStream().write(chunk, 0, length);
            }
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void trouble(byte[] chunk, int length) {
        if (delayMillis > 0) {
            pause(delayMillis);
        }
        if (corrupts) {
            synchronized (random) {
                if (random.nextInt(CORRUPT_ONE_IN) == 0) {
                    chunk[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** At once, as a cut is seen by both ends. */
    private static void close(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (SocketException alreadyClosed) {
            // Which is what is wanted.
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(String what, Work work) {
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // A line that was cut, or whose end has gone: the other end has been told.
                    }
                },
                "line-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        door.close();
        sockets.forEach(FaultLine::close);
    }
}
