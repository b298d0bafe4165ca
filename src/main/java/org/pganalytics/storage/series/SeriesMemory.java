package org.pganalytics.storage.series;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What may be taken of the memory, over all collectors; nothing before a limit is set. A quarter of it is only for those who
 * take less than a sixteenth, so that a few large ones do not leave the others without. Thread-safe.
 */
final class SeriesMemory {
    private static final int LARGE = 16;
    private static final int KEPT = 4;

    private final AtomicLong taken = new AtomicLong();
    private volatile long bytesMax;

    /** From now on; what is taken already stays. */
    void limit(long bytes) {
        bytesMax = bytes;
    }

    long taken() {
        return taken.get();
    }

    Share share() {
        return new Share();
    }

    /** What one collector has of it. For one thread at a time. */
    final class Share {
        private long own;

        /** Takes all of it or nothing. */
        boolean take(long bytes) {
            long limit = own + bytes > bytesMax / LARGE ? bytesMax - bytesMax / KEPT : bytesMax;
            if (taken.addAndGet(bytes) > limit) {
                taken.addAndGet(-bytes);
                return false;
            }
            own += bytes;
            return true;
        }

        void give(long bytes) {
            taken.addAndGet(-bytes);
            own -= bytes;
        }

        void giveAll() {
            give(own);
        }
    }
}
