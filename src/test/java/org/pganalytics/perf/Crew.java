package org.pganalytics.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Threads that each do their part of the same work at once. */
final class Crew implements AutoCloseable {
    private final ExecutorService threads;
    private final int size;

    /** What one of them does. */
    interface Work<T> {
        T of(int number) throws IOException, InterruptedException;
    }

    Crew(int size) {
        this.size = size;
        this.threads = Executors.newFixedThreadPool(size);
    }

    int size() {
        return size;
    }

    /** Once by each. @return when all are done, what they found, in their order; fails as the first that failed */
    <T> List<T> all(Work<T> work) throws IOException, InterruptedException {
        var calls = new ArrayList<Callable<T>>();
        for (int each = 0; each < size; each++) {
            int number = each;
            calls.add(() -> work.of(number));
        }
        var results = new ArrayList<T>();
        for (var done : threads.invokeAll(calls)) {
            try {
                results.add(done.get());
            } catch (ExecutionException failed) {
                throw new IOException(failed.getCause().getMessage(), failed.getCause());
            }
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
